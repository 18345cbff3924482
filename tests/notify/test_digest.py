"""The digest as mail: what its subject says, once each, and none lost while mail stands still."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.chassis.service import Runtime
from services.contracts import Contract
from services.contracts.registrations import DIGEST_DUE
from tests.notify.factories import NOW, Data, a_contact, in_language
from tests.notify.letter_reading import Outline, compose_mail
from tests.notify.post import deliveries, mailed, receive, states, text_of

FRIDAY = datetime(2026, 2, 6, 13, tzinfo=UTC)
MONDAY = datetime(2026, 2, 9, 13, tzinfo=UTC)
TUESDAY = datetime(2026, 2, 10, 13, tzinfo=UTC)
FIRST, SECOND = (UUID(f"018f0000-0000-7000-8000-00000000000{number}") for number in (1, 2))


def a_line(session_id: UUID = FIRST, **but: Any) -> Data:
    line = {
        "session_id": session_id,
        "title": {"en": "Steward training", "fr": "Formation syndicale"},
        "first_day": date(2026, 2, 28),
        "capacity": 24,
        "confirmed": 18,
        "offered": 1,
        "waiting": 4,
        "changes": {"signed_up": 3, "cancelled": 1},
    }
    return line | but


def a_digest(*sessions: Data, **but: Any) -> tuple[Contract, Data]:
    digest = {
        "staff_id": UUID("018f0000-0000-7000-8000-0000000000bb"),
        "recipient": a_contact(name="Coordinator", email="coordinator@example.org"),
        "since": FRIDAY,
        "until": MONDAY,
        "sessions": list(sessions) or [a_line()],
        "open_tasks": 0,
    }
    return DIGEST_DUE, digest | but


def test_its_subject_says_how_much_happened_since_when() -> None:
    digest = a_digest(a_line(), a_line(SECOND, changes={"signed_up": 8}))
    assert compose_mail(digest, "digest").subject == "12 changes in 2 sessions since Friday"
    french = compose_mail(in_language(digest, "fr"), "digest").subject
    assert french == "12 changements dans 2 séances depuis vendredi"
    one = a_digest(a_line(changes={"lapsed": 1}), since=MONDAY - timedelta(days=10))
    assert compose_mail(one, "digest").subject == (
        "1 change in 1 session since Friday 30 January 2026"
    )


def test_it_tells_each_session_with_its_numbers_and_leads_to_it() -> None:
    mail = compose_mail(a_digest(open_tasks=2), "digest")
    for words in (
        "Steward training, Saturday 28 February 2026",
        "3 sign-ups",
        "1 cancellation",
        "18 of 24 confirmed, 1 offered, 4 waiting",
        "2 tasks wait for somebody.",
    ):
        assert words in mail.text
    addresses = Outline(mail.html).addresses
    assert f"http://turnout.test/staff/sessions/{FIRST}" in addresses
    assert "http://turnout.test/staff/tasks" in addresses
    assert "http://turnout.test/staff/digest" in addresses
    assert mail.unsubscribe == ""


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "since Monday 9 February 2026"), ("fr", "depuis le lundi 9 février 2026")],
)
def test_a_moment_of_more_than_a_week_ago_is_told_by_its_date(language: str, words: str) -> None:
    digest = a_digest(since=MONDAY, until=MONDAY + timedelta(days=8))
    assert words in compose_mail(in_language(digest, language), "digest").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_newer_registration_tells_is_counted_though_it_has_no_word_yet(
    language: str,
) -> None:
    digest = a_digest(a_line(changes={"signed_up": 1, "something_new": 4}))
    mail = compose_mail(in_language(digest, language), "digest")
    assert mail.subject.startswith("5 ")
    assert "something_new" not in mail.text


def test_a_digest_that_is_told_twice_is_mailed_once(runtime: Runtime) -> None:
    envelope = receive(runtime, a_digest(), at=MONDAY)
    runtime.inbox.receive(envelope, MONDAY)
    receive(runtime, a_digest(), sequence=2, at=MONDAY)
    (message,) = mailed(runtime, MONDAY)
    assert message["To"] == "Coordinator <coordinator@example.org>"
    assert "3 sign-ups" in text_of(message)


def test_a_digest_that_still_waits_becomes_part_of_the_next(runtime: Runtime) -> None:
    receive(runtime, a_digest(a_line(), a_line(SECOND)), at=MONDAY)
    newer = a_line(confirmed=20, changes={"signed_up": 1, "lapsed": 2})
    receive(runtime, a_digest(newer, since=MONDAY, until=TUESDAY), sequence=2, at=TUESDAY)
    (message,) = mailed(runtime, TUESDAY)
    assert message["Subject"] == "11 changes in 2 sessions since Friday"
    text = text_of(message)
    assert "4 sign-ups" in text
    assert "20 of 24 confirmed" in text
    assert states(runtime) == [("digest", "superseded"), ("digest", "accepted")]
    assert "next digest" in deliveries(runtime)[0].error


def test_digests_of_different_people_do_not_meet(runtime: Runtime) -> None:
    receive(runtime, a_digest(), at=NOW)
    other = UUID("018f0000-0000-7000-8000-0000000000cc")
    contact = a_contact(name="Admin", email="admin@example.org")
    receive(runtime, a_digest(staff_id=other, recipient=contact), at=NOW)
    assert len(mailed(runtime)) == 2
