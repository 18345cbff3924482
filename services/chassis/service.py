"""What a service is made of, and the running form of it that processes pass around."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from celery import Celery
from flask import Blueprint
from flask_babel import LazyString
from flask_smorest import Blueprint as ApiBlueprint
from sqlalchemy.orm import Session

from services.chassis.broker import make_celery
from services.chassis.config import Settings
from services.chassis.db import Database
from services.chassis.inbox import Handlers, Inbox
from services.chassis.invariants import Ours
from services.chassis.kept import Purge


@dataclass(frozen=True)
class Loop:
    """Work that the clock repeats: `step` returns how much it did, and runs again at once if any.

    `every` is in seconds. A leased loop runs in one clock process at a time; one that is not
    claims its rows itself.
    """

    name: str
    every: float
    step: Callable[["Runtime", datetime], int]
    leased: bool = True


@dataclass(frozen=True)
class Service:
    """The parts that one of the services adds to the chassis.

    `hooks` are pages that programs post to without a cookie of ours, so without its guard; each
    checks for itself who is speaking. `invariants` are what must be true of its own database.
    `is_late` tells the others that its own work is behind. `after_restore` is called in every
    service when the database of one, which it names, has been set back to an earlier moment.
    `acts` are the words for what its audit log has beside the policy's actions. `eraser`
    carries out an `erasing.Order`: it returns how much there was of each kind, or None while
    something has to happen first.
    """

    name: str
    metadata: sa.MetaData
    handlers: Handlers
    pages: Sequence[Blueprint] = ()
    hooks: Sequence[Blueprint] = ()
    api: Sequence[ApiBlueprint] = ()
    loops: Sequence[Loop] = ()
    purges: Sequence[Purge] = ()
    invariants: Sequence[Ours] = ()
    is_late: Callable[[Session, datetime], bool] = lambda _db, _now: False
    after_restore: Callable[[Session, str, datetime], None] = lambda _db, _restored, _now: None
    acts: Mapping[str, LazyString] = field(default_factory=dict)
    eraser: Callable[["Runtime", Any], dict[str, int] | None] | None = None

    @property
    def package(self) -> str:
        """Where its templates and migrations are."""
        return f"services.{self.name}"


@dataclass(frozen=True)
class Runtime:
    """A service with its settings and its database, as each of its processes has it."""

    service: Service
    settings: Settings
    database: Database

    @cached_property
    def inbox(self) -> Inbox:
        """The receiving end."""
        return Inbox(self.database, self.service.handlers)

    @cached_property
    def celery(self) -> Celery:
        """The connection to the broker, for the relay only."""
        return make_celery(self.service.name, self.settings)


def start(service: Service, settings: Settings) -> Runtime:
    """Bring a service to life in this process; nothing is connected yet."""
    return Runtime(service, settings, Database(settings.database_urls[service.name]))
