"""The one table of how long what is kept, and what the clock makes of it."""

import importlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from infra.privacy_page import PAGE, with_table
from services.chassis.clock import plumbing_loops
from services.chassis.erasing import Erasure, take_order, was_erased
from services.chassis.ids import new_id
from services.chassis.kept import RETENTION, kept_by, months_before
from services.chassis.outbox import OutboxRow, confirm, publish
from services.chassis.retention import PLUMBING, forget_what_is_due
from services.chassis.service import Runtime
from services.chassis.wrong_setting import WrongSetting
from services.contracts import SERVICES
from services.contracts.sessions import SEATS_CHANGED
from tests.chassis.conftest import NOW
from tests.databases import settings_for
from tests.retention import forget_all


def published(runtime: Runtime) -> None:
    subject = "018f0000-0000-7000-8000-000000000001"
    seats = {"session_id": subject, "capacity": 2, "held": 1, "waiting": 0}
    with runtime.database.writing() as db:
        publish(db, SEATS_CHANGED, subject=subject, data=seats, now=NOW)


def outbox(runtime: Runtime) -> list[OutboxRow]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(OutboxRow)))


@pytest.mark.parametrize("name", SERVICES)
def test_every_row_of_the_table_has_its_purge_and_every_purge_its_row(name: str) -> None:
    purges = importlib.import_module(f"services.{name}.app").SERVICE.purges
    assert {each.kind for each in (*PLUMBING, *purges)} == set(kept_by(name))


def test_the_clock_of_every_service_forgets() -> None:
    (loop,) = [each for each in plumbing_loops() if each.step is forget_what_is_due]
    assert loop.leased


def test_what_was_told_is_forgotten_after_its_time_and_that_it_was_told_stays(
    runtime: Runtime,
) -> None:
    published(runtime)
    assert forget_all(runtime, NOW + timedelta(days=400)) == []
    with runtime.database.writing() as db:
        confirm(db, "catalog", [outbox(runtime)[0].event_id], NOW)
    assert forget_all(runtime, NOW + timedelta(days=35)) == []
    assert forget_all(runtime, NOW + timedelta(days=35, seconds=1)) == [1]
    [row] = outbox(runtime)
    assert row.envelope is None
    assert (row.type, row.confirmed_at) == ("seats.changed.v1", NOW)


def test_the_privacy_page_has_the_table_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_table(page), "python -m infra.privacy_page writes it anew"


def test_months_are_counted_by_the_calendar() -> None:
    assert months_before(datetime(2026, 3, 31, 9, tzinfo=UTC), 1) == datetime(
        2026, 2, 28, 9, tzinfo=UTC
    )
    assert months_before(datetime(2026, 1, 15, tzinfo=UTC), 24) == datetime(2024, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0", "two", "-3", "121", "1.5", "²"])
def test_a_retention_that_is_no_number_of_months_stops_the_start(text: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="TURNOUT_RETENTION_MONTHS"):
        settings_for(tmp_path, TURNOUT_RETENTION_MONTHS=text)


def test_the_operator_decides_how_many_months(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, TURNOUT_RETENTION_MONTHS="12")
    (row,) = [each for each in RETENTION if each.kind == "registrations"]
    assert row.cutoff(settings, NOW) == NOW.replace(year=NOW.year - 1)


def test_who_was_erased_is_known_by_a_hash_until_no_backup_can_bring_them_back(
    runtime: Runtime,
) -> None:
    who = {
        "request_id": new_id(),
        "email": "ann@example.org",
        "name": "",
        "names": [],
        "phones": [],
        "registration_ids": [],
        "is_staff": False,
        "last_mail": [],
    }
    with runtime.database.writing() as db:
        take_order(db, who, asked_at=NOW)
        db.execute(sa.update(Erasure).values(done_at=NOW, who=None))
        assert was_erased(db, "Ann@example.org", since=NOW)
        assert not was_erased(db, "joann@example.org", since=NOW)
        assert not was_erased(db, "ann@example.org", since=NOW + timedelta(seconds=1))
    forget_all(runtime, NOW + timedelta(days=37))
    with runtime.database.reading() as db:
        assert [each.address_hash for each in db.scalars(sa.select(Erasure))] == [""]
        assert not was_erased(db, "ann@example.org", since=NOW)
