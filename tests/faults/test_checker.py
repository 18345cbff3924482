"""The checker sees each kind of wrong that is planted into its files and tables."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.catalog.app import SERVICE as CATALOG
from services.chassis.ids import new_id
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.notify.app import SERVICE as NOTIFY
from services.registration.app import SERVICE as REGISTRATION
from tests.databases import StartService
from tests.faults.checker import LATE_AFTER_SECONDS, Tally, check
from tests.faults.report import Report
from tests.faults.witness import Witness
from tests.notify.post import deliveries, send_all
from tests.registration.factories import NOW, a_session, signed_up

NAMES = ("Ann", "Ben", "Cleo")
ANSWERED_AT = 1000.0


@dataclass
class World:
    """Three members of whom two have a seat, everything as it must be, until it is spoilt."""

    witness: Witness
    databases: Mapping[str, Runtime]
    session: str

    def check(self) -> Tally:
        urls = {name: each.settings.database_urls[name] for name, each in self.databases.items()}
        return check(self.witness, urls, self.session)

    def spoil(self, service: str, statement: str) -> None:
        with self.databases[service].database.writing() as db:
            db.execute(sa.text(statement))

    def rewrite(self, path: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        change(lines)
        write(path, lines)


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")


@pytest.fixture
def dialect() -> str:
    """Which database it is makes no difference to what is counted."""
    return "sqlite"


@pytest.fixture
def world(start_service: StartService, tmp_path: Path) -> World:
    databases = {each.name: start_service(each) for each in (CATALOG, REGISTRATION, NOTIFY)}
    session = str(a_session(databases["registration"], capacity=2))
    witness = Witness(tmp_path)
    write(witness.answers_file, [an_answer(databases, session, name) for name in NAMES])
    deliver(databases)
    send_all(databases["notify"], NOW)
    mails = [
        {"mail_id": str(row.id), "to": [row.recipient_email], "at": ANSWERED_AT + 1}
        for row in deliveries(databases["notify"])
    ]
    write(witness.mails_file, mails)
    witness.note_fault(session, ANSWERED_AT, ANSWERED_AT)
    return World(witness, databases, session)


def an_answer(databases: Mapping[str, Runtime], session: str, name: str) -> dict[str, Any]:
    answer = signed_up(databases["registration"], UUID(session), name)
    return {
        "what": "sign_up",
        "session": session,
        "status": 201,
        "state": answer.registration.state,
        "registration": str(answer.registration.id),
        "email": f"{name.lower()}@example.org",
        "key": f"key of {name}",
        "statuses": [201],
        "milliseconds": [20.0],
        "at": ANSWERED_AT,
    }


def deliver(databases: Mapping[str, Runtime]) -> None:
    """What broker and workers do."""
    with databases["registration"].database.reading() as db:
        rows = db.scalars(sa.select(OutboxRow).order_by(OutboxRow.event_id)).all()
    for row in rows:
        databases[row.subscriber].inbox.receive(row.envelope, NOW)


def test_where_all_is_well_nothing_is_counted(world: World) -> None:
    tally = world.check()
    assert tally.wrongs == {}
    assert (tally.accepted, tally.mails, tally.recovered_s) == (3, 3, 1.0)
    assert tally.late == tally.unknown == tally.window_copies == []


@pytest.mark.parametrize(
    ("service", "statement", "wrong"),
    [
        ("registration", "UPDATE registration SET state = 'cancelled'", "lost"),
        ("registration", "DELETE FROM outbox WHERE type = 'registration.waitlisted.v1'", "lost"),
        ("registration", "UPDATE registration SET state = 'confirmed'", "oversold"),
        ("registration", "UPDATE registration SET state = 'confirmed'", "untrue"),
        ("notify", "DELETE FROM delivery WHERE kind = 'waitlisted'", "lost"),
        ("notify", "UPDATE delivery SET state = 'failed'", "lost"),
        ("notify", "UPDATE delivery SET state = 'superseded'", "untrue"),
        ("notify", "UPDATE subject_state SET heard_status = 'lapsed'", "untrue"),
        ("catalog", "UPDATE seat_count SET held = 0", "untrue"),
    ],
)
def test_a_wrong_in_a_table_is_counted(
    world: World, service: str, statement: str, wrong: str
) -> None:
    world.spoil(service, statement)
    assert wrong in world.check().wrongs


def test_an_answer_without_a_row_is_counted(world: World) -> None:
    def invent(lines: list[dict[str, Any]]) -> None:
        lines.append(lines[0] | {"registration": str(new_id()), "key": "another key"})

    world.rewrite(world.witness.answers_file, invent)
    assert world.check().wrongs.keys() == {"lost"}


def test_a_lost_mail_is_counted(world: World) -> None:
    world.rewrite(world.witness.mails_file, lambda lines: lines.pop())
    assert "lost" in world.check().wrongs


def test_a_mail_that_is_held_after_a_restore_must_have_gone_out_before(world: World) -> None:
    def forget_the_id(lines: list[dict[str, Any]]) -> None:
        lines[0]["mail_id"] = str(new_id())

    world.rewrite(world.witness.mails_file, forget_the_id)
    assert world.check().wrongs.keys() == {"lost"}
    ann = "WHERE recipient_email = 'ann@example.org'"
    world.spoil("notify", f"UPDATE delivery SET state = 'held' {ann}")  # noqa: S608 - our words
    assert world.check().wrongs == {}
    world.rewrite(world.witness.mails_file, lambda lines: lines.pop(0))
    assert world.check().wrongs.keys() == {"lost"}


def test_a_doubled_mail_is_counted_unless_its_row_says_that_it_was_possible(world: World) -> None:
    world.rewrite(world.witness.mails_file, lambda lines: lines.append(lines[0]))
    assert world.check().wrongs.keys() == {"doubled"}
    world.spoil("notify", "UPDATE delivery SET second_copy_possible = true")
    tally = world.check()
    assert tally.wrongs == {}
    assert (len(tally.unknown), len(tally.window_copies)) == (3, 1)


def test_a_key_that_was_answered_with_two_places_is_counted(world: World) -> None:
    def give_both_one_key(lines: list[dict[str, Any]]) -> None:
        lines[0]["key"] = lines[1]["key"]

    world.rewrite(world.witness.answers_file, give_both_one_key)
    assert world.check().wrongs.keys() == {"doubled"}


def test_a_cancel_that_was_answered_and_not_kept_is_counted(world: World) -> None:
    world.rewrite(
        world.witness.answers_file,
        lambda lines: lines.append(lines[0] | {"what": "cancel", "email": ""}),
    )
    assert "lost" in world.check().wrongs


def test_a_late_mail_is_counted_from_the_end_of_the_fault(world: World) -> None:
    def delay(lines: list[dict[str, Any]]) -> None:
        lines[0]["at"] = ANSWERED_AT + LATE_AFTER_SECONDS + 10

    world.rewrite(world.witness.mails_file, delay)
    assert len(world.check().late) == 1
    world.witness.faults_file.unlink()
    world.witness.note_fault(world.session, ANSWERED_AT, ANSWERED_AT + 20)
    assert world.check().late == []


def test_refusals_broken_and_missing_answers_are_counted(world: World) -> None:
    def refuse(lines: list[dict[str, Any]]) -> None:
        lines[0] |= {"status": 503, "statuses": [0, 500, 503], "registration": None}

    world.rewrite(world.witness.answers_file, refuse)
    tally = world.check()
    assert (tally.accepted, tally.refused) == (2, 1)
    assert (tally.broken, tally.unanswered_tries) == (2, 1)


def test_the_report_gives_numbers_in_both_forms(world: World) -> None:
    report = Report()
    world.rewrite(world.witness.mails_file, lambda lines: lines.append(lines[0]))
    report.add("F1", "sqlite", world.check())
    heads, row = (line.split() for line in report.as_text().replace(" in the ", "").splitlines())
    assert row[:6] == ["F1", "sqlite", "3", "4", "0", "1"]
    assert heads[4:6] == ["lost", "doubled"]
    assert "| sqlite | 3 | 4 | 0 | 1 |" in report.as_markdown()
