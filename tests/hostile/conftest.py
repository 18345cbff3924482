"""Each service with something in it, as hostile clients find it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from services.catalog.app import SERVICE as CATALOG
from services.chassis.health import WORKER, beat
from services.chassis.service import Runtime
from services.chassis.staff import AccessToken, digest
from services.notify.app import SERVICE as NOTIFY
from services.registration.accounts import add_staff
from services.registration.app import SERVICE as REGISTRATION
from services.registration.directory import DirectoryEntry, load_directory
from tests.catalog.factories import TOKENS, a_day, a_draft, staff_event
from tests.databases import StartService
from tests.hostile.effort import LONG
from tests.notify.sendgrid_events import SigningKey
from tests.registration.conftest import PASSWORD
from tests.registration.factories import signed_up, soon, tell_of

TOKEN = TOKENS["coordinator"]
LATER = timedelta(hours=1)


@dataclass(frozen=True)
class Target:
    """A running service, and ids of things that it has, by the names its addresses give them."""

    runtime: Runtime
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.runtime.service.name

    @property
    def dialect(self) -> str:
        return self.runtime.database.engine.dialect.name


@pytest.fixture
def target(request: pytest.FixtureRequest, start_service: StartService) -> Target:
    """The service that the test's parameter names."""
    make: dict[str, Callable[[StartService], Target]] = {
        "catalog": _catalog,
        "registration": registration_target,
        "notify": _notify,
    }
    target = make[request.param](start_service)
    beat(target.runtime.database, WORKER, datetime.now(UTC) + LATER)
    return target


def dialects() -> list[str]:
    """Where a short run on the quicker database is enough."""
    return ["sqlite", "postgresql"] if LONG else ["sqlite"]


def _catalog(start_service: StartService) -> Target:
    runtime = start_service(CATALOG)
    runtime.inbox.receive(staff_event("coordinator"), datetime.now(UTC))
    in_a_month = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    draft = a_draft(runtime, days=[a_day(in_a_month)])
    return Target(runtime, {"session_id": str(draft.id), "workshop_id": str(draft.workshop_id)})


def _notify(start_service: StartService) -> Target:
    """With a key, so that SendGrid's reports are taken, were they signed."""
    runtime = start_service(NOTIFY)
    settings = replace(runtime.settings, sendgrid_webhook_key=SigningKey().public)
    runtime = replace(runtime, settings=settings)
    runtime.inbox.receive(staff_event("coordinator"), datetime.now(UTC))
    return Target(runtime)


def registration_target(start_service: StartService) -> Target:
    runtime, now = start_service(REGISTRATION), datetime.now(UTC)
    with runtime.database.writing() as db:
        load_directory(db, [DirectoryEntry("1207", "Riverbend Hospital Workers", "North")], now=now)
        email = "coordinator@example.org"
        member = add_staff(
            db, name="Sam", email=email, role="coordinator", password=PASSWORD, now=now
        )
        db.flush()
        expires = now + timedelta(days=1)
        member.tokens.append(AccessToken(digest=digest(TOKEN), expires_at=expires))
    session_id = tell_of(runtime, soon(capacity=10_000), now=now)
    answer = signed_up(runtime, session_id, "Alex Rivera", now=now)
    ids = {"session_id": str(session_id), "registration_id": str(answer.registration.id)}
    return Target(runtime, ids)
