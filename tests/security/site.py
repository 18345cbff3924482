"""The whole site without a broker: its web apps, its databases, and events carried by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import Client

from infra.site import owner
from services.chassis.service import Runtime
from services.chassis.web import create_app

Tables = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class SmallSite:
    """The services by their names."""

    runtimes: dict[str, Runtime]

    @cached_property
    def apps(self) -> dict[str, Flask]:
        return {name: create_app(each) for name, each in self.runtimes.items()}

    def visitor(self) -> Client:
        """A browser of its own, with its own cookies."""
        apps = self.apps

        def site(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
            return apps[owner(environ.get("PATH_INFO", ""))](environ, respond)

        return Client(site)

    def tables(self) -> Tables:
        """Every row of every table of every database."""
        return {
            f"{name}.{table}": rows
            for name, runtime in self.runtimes.items()
            for table, rows in _tables(runtime).items()
        }


def changed(before: Tables, after: Tables) -> set[str]:
    """The tables that are not as they were."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _tables(runtime: Runtime) -> Tables:
    with runtime.database.reading() as db:
        names = sa.inspect(db.connection()).get_table_names()
        return {
            name: sorted(map(tuple, db.execute(sa.text(f"SELECT * FROM {name}"))), key=repr)  # noqa: S608
            for name in names
        }
