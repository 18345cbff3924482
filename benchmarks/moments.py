"""What one thing takes when there is much of everything: an offer, a roster, the calendar."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from uuid import UUID

import sqlalchemy as sa

from benchmarks.launched import Product, run
from benchmarks.opening import sign_up
from infra.composition import opened
from services.chassis.ids import new_id
from services.registration.models import Person, Registration
from tests.facts import eventually
from tests.system.members import WORDS, a_session_on

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class RosterFigures:
    """Seconds to answer, and by how many bytes the largest web process grew at most.

    A long PDF is made in a process of its own, which ends with it and is not counted.
    """

    xlsx: float
    pdf: float
    growth: int


def offer_after_cancel(product: Product, waiting: int) -> float:
    """Seconds from one cancellation's answer to the offer at the mail server."""
    session = product.site.publish_session(1)
    sign_up(product, session, waiting + 1)
    product.wait_until_quiet()
    [holder] = [each for each in product.witness.answers(session) if each.state == "confirmed"]
    mails = len(product.witness.mails())
    path = f"/api/v1/registrations/{UUID(holder.registration)}/cancel"
    status, answer = product.site.call("POST", path, {"reason": "cannot come"})
    cancelled = time.time()
    if status != 200:
        raise SystemExit(f"the cancellation was answered {status}: {answer}")

    def both_are_sent() -> None:
        assert len(product.witness.mails()) == mails + 2, "no offer yet"  # noqa: S101

    eventually(both_are_sent, within=PATIENCE_SECONDS)
    return max(each.at for each in product.witness.mails()) - cancelled


def rosters(product: Product, people: int) -> RosterFigures:
    """A roster of so many confirmed people, in both forms."""
    session = product.site.publish_session(people)
    _confirm(product, UUID(session), people)
    path = f"/api/v1/sessions/{session}/roster?format="
    _seconds(product, f"{path}csv")  # The first page of any kind loads templates and locales.
    before = product.peak_memory_of_web()
    xlsx, pdf = _seconds(product, f"{path}xlsx"), _seconds(product, f"{path}pdf")
    return RosterFigures(xlsx, pdf, product.peak_memory_of_web() - before)


def calendar(product: Product, sessions: int, requests: int) -> tuple[float, float]:
    """Calendar pages a second, and the generator's own milliseconds of CPU for each."""
    call = product.site.call
    _status, workshop = call("POST", "/api/v1/workshops", WORDS)
    for number in range(sessions):
        day = (datetime.now(UTC) + timedelta(days=30 + number)).date().isoformat()
        _status, session = call("POST", "/api/v1/sessions", a_session_on(day, workshop["id"], 20))
        status, answer = call("POST", f"/api/v1/sessions/{session['id']}/publish", {})
        if status != 200:
            raise SystemExit(f"session {number} was not published: {answer}")
    product.wait_until_quiet()
    port = str(product.site.launched.port)
    rate, cpu = run("benchmarks.readers", port, "/", "--requests", str(requests))
    return float(rate), float(cpu) / requests * 1000


def _confirm(product: Product, session: UUID, people: int) -> None:
    """Put them into the tables: that they sign up is measured elsewhere."""
    now = datetime.now(UTC)
    ids = [new_id() for _ in range(people)]
    persons = [
        {"id": each, "email": f"{each}@example.org", "email_key": f"{each}@example.org"}
        | {"created_at": now, "mail_failure": ""}
        for each in ids
    ]
    places = [
        {"id": new_id(), "session_id": session, "person_id": each, "name": f"Member {number}"}
        | {"organisation_name": f"Local {number % 90}", "role": "steward", "language": "en"}
        | {"state": "confirmed", "arrival": number + 1, "joined_at": now, "confirmed_at": now}
        | {"fee_cents": 2500, "fee_rule": "affiliate"}
        for number, each in enumerate(ids)
    ]
    with opened("registration", product.settings) as runtime, runtime.database.writing() as db:
        db.execute(sa.insert(Person), persons)
        db.execute(sa.insert(Registration), places)


def _seconds(product: Product, path: str) -> float:
    connection = HTTPConnection("127.0.0.1", product.site.launched.port, timeout=PATIENCE_SECONDS)
    began = time.perf_counter()
    connection.request("GET", path, headers={"Authorization": f"Bearer {product.site.token}"})
    answer = connection.getresponse()
    content = answer.read()
    took = time.perf_counter() - began
    connection.close()
    if answer.status != 200 or not content:
        raise SystemExit(f"{path} was answered {answer.status}")
    return took
