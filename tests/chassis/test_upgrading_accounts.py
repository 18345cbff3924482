"""Accounts from before there were areas, second steps and narrow tokens: what becomes of them."""

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from argon2 import PasswordHasher

from services.chassis.ids import new_id
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, start
from services.chassis.staff import AccessToken, StaffMember, digest
from services.chassis.web import create_app
from services.contracts import SERVICES
from services.notify.models import Delivery
from services.registration.account_changes import change_role
from services.registration.accounts import Remit
from services.registration.models import WorkshopSession
from services.registration.second_factor import GRACE, factor_of
from services.registration.sign_in_models import StaffPassword
from tests.databases import settings_for
from tests.notify.factories import confirmed
from tests.pages import let_in, sign_in, visit
from tests.registration.factories import facts, session_row

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
PASSWORD, TOKEN = "a long enough password", "a token that was handed out long ago"
BEFORE = {"registration": "0005", "catalog": "0004", "notify": "0005"}
"""The last revision at which an account had a role, and nothing that it is limited to."""

IDS = {role: new_id() for role in ("admin", "coordinator", "facilitator")}
SESSION = facts()

Upgraded = Callable[..., Runtime]


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def old(model: Any) -> sa.TableClause:
    """The model's table without its defaults, so that a row has only what it had then."""
    columns = (sa.column(each.name, each.type) for each in model.__table__.columns)
    return sa.table(model.__tablename__, *columns)


@pytest.fixture
def upgraded(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Upgraded]:
    """A service whose database had rows before, brought up to date."""
    runtimes: list[Runtime] = []

    def make(name: str, **more: tuple[Any, list[dict[str, Any]]]) -> Runtime:
        url = f"sqlite:///{tmp_path / name}.sqlite3"
        if dialect == "postgresql":
            server = request.getfixturevalue("postgres")
            url = server.url(server.create())
        settings = settings_for(tmp_path, **{f"TURNOUT_{name.upper()}_DATABASE_URL": url})
        runtime = start(importlib.import_module(f"services.{name}.app").SERVICE, settings)
        runtimes.append(runtime)
        upgrade(runtime, BEFORE[name])
        with runtime.database.engine.begin() as connection:
            for model, rows in (*ACCOUNTS, *more.values()):
                connection.execute(sa.insert(old(model)), rows)
        upgrade(runtime)
        return runtime

    yield make
    for each in runtimes:
        each.database.dispose()


ACCOUNTS: tuple[tuple[Any, list[dict[str, Any]]], ...] = (
    (
        StaffMember,
        [
            {
                "id": IDS[role],
                "name": role.title(),
                "email": f"{role}@example.org",
                "role": role,
                "language": "fr",
                "active": role != "facilitator",
                "sign_in_epoch": 3,
                "sequence": 7,
            }
            for role in IDS
        ],
    ),
    (
        AccessToken,
        [
            {
                "digest": digest(TOKEN),
                "staff_id": IDS["coordinator"],
                "expires_at": NOW + timedelta(days=90),
            }
        ],
    ),
)
PASSWORDS = [{"staff_id": each, "hash": PasswordHasher().hash(PASSWORD)} for each in IDS.values()]
SESSIONS = [session_row(SESSION)]


@pytest.mark.parametrize("name", SERVICES)
def test_every_account_and_token_stays_what_it_was_in_every_service(
    upgraded: Upgraded, name: str
) -> None:
    with upgraded(name).database.reading() as db:
        members = {each.role: each for each in db.scalars(sa.select(StaffMember))}
        [token] = db.scalars(sa.select(AccessToken))
    assert {role: each.id for role, each in members.items()} == IDS
    for role, member in members.items():
        assert (member.areas, member.organisation_id) == ([], None), "works in all areas"
        assert (member.active, member.language) == (role != "facilitator", "fr")
        assert (member.sign_in_epoch, member.sequence) == (3, 7)
    assert (token.staff_id, token.actions) == (IDS["coordinator"], None), "limited to nothing"
    assert (token.name, token.last_used_at) == ("", None)


def test_the_old_password_opens_and_the_time_for_the_second_step_begins_then(
    upgraded: Upgraded,
) -> None:
    runtime = upgraded("registration", passwords=(StaffPassword, PASSWORDS))
    client = create_app(runtime).test_client()
    sign_in(client, "facilitator@example.org", PASSWORD)
    assert client.get("/staff/").status_code == 302, "a closed account stays closed"
    sign_in(client, "coordinator@example.org", PASSWORD)
    assert client.get("/staff/").status_code == 200
    with runtime.database.writing() as db:
        factor = factor_of(db, db.get_one(StaffMember, IDS["coordinator"]), NOW)
        assert (factor.secret, factor.due_at) == ("", NOW + GRACE)


def test_a_session_from_before_is_everybodys_and_the_old_token_reads_it(
    upgraded: Upgraded,
) -> None:
    passwords, sessions = (StaffPassword, PASSWORDS), (WorkshopSession, SESSIONS)
    runtime = upgraded("registration", passwords=passwords, sessions=sessions)
    with runtime.database.writing() as db:
        db.get_one(WorkshopSession, SESSION["session_id"]).area = "East"
        db.flush()
        change_role(db, IDS["coordinator"], "coordinator", Remit(["East"]), now=NOW)
        db.get_one(WorkshopSession, SESSION["session_id"]).area = ""
    client = create_app(runtime).test_client()
    path = f"/api/v1/sessions/{SESSION['session_id']}/registrations"
    assert client.get(path).status_code == 401
    answer = client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    sign_in(client, "coordinator@example.org", PASSWORD)
    assert f"/staff/sessions/{SESSION['session_id']}" in visit(client, "/staff/").links


def test_mail_about_a_session_is_everybodys_and_other_mail_is_for_those_who_work_in_all(
    upgraded: Upgraded,
) -> None:
    about, none = a_mail(session_id=SESSION["session_id"]), a_mail(session_id=None)
    runtime = upgraded("notify", mails=(Delivery, [about, none]))
    seen = {}
    for areas in ([], ["East"]):
        with runtime.database.writing() as db:
            member = db.get_one(StaffMember, IDS["coordinator"])
            member.areas, member.sign_in_epoch = areas, 0
        client = create_app(runtime).test_client()
        let_in(client, IDS["coordinator"], NOW)
        paths = [f"/staff/mail/{each['id']}" for each in (about, none)]
        seen[len(areas)] = [client.get(each).status_code for each in paths]
    assert seen == {0: [200, 200], 1: [200, 403]}


def a_mail(**but: Any) -> dict[str, Any]:
    contract, data = confirmed()
    mail_id = new_id()
    blank = ("provider_id", "error", "mail_subject")
    mail = {
        "id": mail_id,
        "dedupe_key": str(mail_id),
        "event_id": new_id(),
        "event_type": contract.type,
        "event_time": NOW,
        "correlation_id": str(mail_id),
        "kind": "confirmed",
        "subject_id": data["registration_id"],
        "sequence": 1,
        "recipient_name": "Ann Lee",
        "recipient_email": "ann.lee@example.org",
        "language": "en",
        "context": contract.dump(data),
        "state": "accepted",
        "attempts": 1,
        "due_at": NOW,
        "give_up_at": NOW,
        "second_copy_possible": False,
        "created_at": NOW,
        "accepted_at": NOW,
    }
    return mail | dict.fromkeys(blank, "") | but
