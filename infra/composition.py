"""Brings services to life: the one place that turns a service's name into its parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import sqlalchemy as sa

from infra.refusal import Refusal
from services.chassis.config import Settings
from services.chassis.service import Runtime, Service, start
from services.contracts import SERVICES

_made_before: dict[str, Runtime] = {}


def load(name: str) -> Service:
    """The service of this name, and the code of no other."""
    service: Service = import_module(f"services.{name}.app").SERVICE
    return service


def begin(name: str, settings: Settings) -> Runtime:
    """The service in this process, for as long as the process lives."""
    made = _made_before.get(name)
    return made if made and made.settings == settings else start(load(name), settings)


def begin_all(settings: Settings) -> None:
    """Make all services once, for the processes that will be forked from this one to begin with."""
    _made_before.update({name: start(load(name), settings) for name in SERVICES})


@contextmanager
def opened(name: str, settings: Settings) -> Iterator[Runtime]:
    """The service for one command; Refusal when its database does not answer."""
    runtime = begin(name, settings)
    try:
        yield runtime
    except sa.exc.DBAPIError as problem:
        raise Refusal(_explained(name, problem)) from problem
    finally:
        runtime.database.dispose()


def _explained(name: str, problem: sa.exc.DBAPIError) -> str:
    setting = f"TURNOUT_{name.upper()}_DATABASE_URL"
    reason = str(problem.orig).partition("\n")[0]
    return f"the database of {name} ({setting}): {reason}. `turnout doctor` says what to do."
