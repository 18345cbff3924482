"""Faults of the database: locked by somebody else, restarted, without room on its disk."""

import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import requests
import sqlalchemy as sa

from tests.databases import PostgresServer
from tests.facts import eventually
from tests.faults.disk import Disk
from tests.faults.killing import BUSY
from tests.faults.rush import PATIENCE_SECONDS, Rush, lasting, under_load
from tests.faults.system import System

SORRY = {"en": "We are busy right now", "fr": "Nous sommes débordés en ce moment"}
LOCKED_SECONDS = 8
FIELD = re.compile(r'name="(csrf_token|form_key)"[^>]*value="([^"]+)"')


def locked_by_another(system: System) -> None:
    """F14 on SQLite: another process holds the file for 8 s; 503, and nothing half-stored."""
    with under_load(system, "F14") as rush:
        rush.until(BUSY)
        forms = open_forms(rush)
        with rush.fault_on(), closing(sqlite3.connect(path_of(system))) as other:
            other.isolation_level = None
            other.execute("BEGIN IMMEDIATE")
            began = time.monotonic()
            are_refused_politely(forms)
            lasting(max(0, began + LOCKED_SECONDS - time.monotonic()))
            other.rollback()
    rush.everybody_got_through()
    is_intact(system)


def restarted(system: System, server: PostgresServer) -> None:
    """F14 on PostgreSQL: the server goes in the rush; every process finds the new one."""
    with under_load(system, "F14") as rush:
        rush.until(BUSY)
        forms = open_forms(rush)
        with rush.fault_on():
            server.stop()
            are_refused_politely(forms)
            lasting(2)
            server.start()
        rush.let_claims_run_out()
    rush.everybody_got_through()
    assert rush.tally.broken > 0


def without_room(system: System, disk: Disk) -> None:
    """F15: registration's disk is full; 503 until there is room again, and the file is intact."""
    with under_load(system, "F15", seconds=8) as rush:
        rush.until(BUSY)
        forms = open_forms(rush)
        with rush.fault_on():
            eventually(lambda: forget_the_log(system), within=PATIENCE_SECONDS)
            disk.fill()
            are_refused_politely(forms)
            lasting(2)
            disk.empty()
    rush.everybody_got_through()
    assert rush.tally.broken > 0
    is_intact(system)


@dataclass
class Form:
    """The sign-up form as one reader has filled it in."""

    browser: requests.Session
    address: str
    language: str
    fields: dict[str, str]


def open_forms(rush: Rush) -> list[Form]:
    """Two members get the form while all is well, one in each language."""
    address = f"{rush.system.site.launched.url}/sign-up/{rush.session}"
    return [open_form(address, language) for language in SORRY]


def open_form(address: str, language: str) -> Form:
    browser = requests.Session()
    page = browser.get(f"{address}?lang={language}", timeout=PATIENCE_SECONDS)
    hidden = dict(FIELD.findall(page.text))
    who = {
        "name": "Somebody",
        "email": f"somebody.{language}@example.org",
        "organisation": "1",
        "not_listed": "on",
        "language": language,
    }
    return Form(browser, address, language, hidden | who)


def are_refused_politely(forms: list[Form]) -> None:
    """503 with Retry-After and a page in the reader's language that says that nothing is kept."""
    with ThreadPoolExecutor(len(forms)) as pool:
        for form, answer in zip(forms, pool.map(send, forms), strict=True):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert f'<html lang="{form.language}"' in answer.text
            assert SORRY[form.language] in answer.text


def send(form: Form) -> requests.Response:
    return form.browser.post(form.address, data=form.fields, timeout=PATIENCE_SECONDS)


def forget_the_log(system: System) -> None:
    """SQLite writes into its log's own room first; let there be none."""
    with closing(sqlite3.connect(path_of(system))) as connection:
        [is_busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not is_busy


def path_of(system: System) -> str:
    return sa.make_url(system.databases["registration"]).database or ""


def is_intact(system: System) -> None:
    with closing(sqlite3.connect(path_of(system))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
