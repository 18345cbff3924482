"""Truth: whatever comes when, and whoever is away, each mail says what is so as it goes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.contracts import Contract
from services.contracts.registrations import (
    OFFER_EXPIRING,
    REGISTRATION_DECLINED,
    REGISTRATION_LAPSED,
    REMINDER_DUE,
)
from services.notify.claiming import claim_due
from services.notify.failures import TemporaryFailure
from services.notify.message import Mail
from services.notify.models import UNDER_WAY, Delivery, SubjectState
from services.notify.sending import attempt_and_note
from tests.notify.factories import (
    NOW,
    Data,
    about,
    an_envelope,
    cancelled,
    confirmed,
    notice,
    offered,
    repeated,
    waitlisted,
)
from tests.notify.letter_reading import compose_mail
from tests.notify.post import deliveries

MINUTE = timedelta(minutes=1)
LATER = timedelta(minutes=7)
"""Longer than any pause between two attempts."""

CLAIMS = {
    "You are on the waiting list": "waiting",
    "You keep your place on the waiting list": "waiting",
    "it is your turn. We keep it for you": "offered",
    "A seat is still kept for you": "offered",
    "A seat is kept for you": "offered",
    "The seat that we keep for you stays yours": "offered",
    "Your place is confirmed": "confirmed",
    "Your place stays confirmed": "confirmed",
    "Your workshop is coming up": "confirmed",
    "The seat is no longer yours": "lapsed",
    "you are no longer signed up for this workshop": "declined",
    "Your place in this workshop is cancelled": "cancelled",
}
"""Every sentence that says what a person is, and the state that it says."""

Step = tuple[Contract, Data]


@dataclass
class Provider:
    """A transport that a test can take away, and that looks into the database as it accepts."""

    runtime: Runtime
    is_down: bool = False
    accepted: list[tuple[Mail, SubjectState]] = field(default_factory=list)
    longest_send: timedelta = MINUTE
    patience: timedelta = 2 * MINUTE

    def send(self, mail: Mail, now: datetime) -> str:
        if self.is_down:
            raise TemporaryFailure("503 Service Unavailable")
        with self.runtime.database.reading() as db:
            delivery = db.get_one(Delivery, mail.id)
            self.accepted.append((mail, db.get_one(SubjectState, delivery.subject_id)))
        return "accepted"

    def send_all(self, now: datetime) -> None:
        """All that is due, as the sender does it."""
        while self._is_due(now):
            with self.runtime.database.writing() as db:
                claims = claim_due(db, self, now)
            attempt_and_note(self.runtime, self, claims, now)

    def _is_due(self, now: datetime) -> bool:
        query = sa.select(Delivery.id).where(Delivery.state.in_(UNDER_WAY), Delivery.due_at <= now)
        with self.runtime.database.reading() as db:
            return db.scalar(query.limit(1)) is not None


def receive_from(runtime: Runtime, story: Sequence[Step], *numbers: int) -> None:
    """Let these events of a story arrive, in this order; the first has the sequence 1."""
    for number in numbers:
        contract, data = story[number - 1]
        runtime.inbox.receive(an_envelope(contract, data, sequence=number), NOW)


def claims(mail: Mail) -> set[str]:
    """What a mail says that its reader is."""
    return {state for sentence, state in CLAIMS.items() if sentence in " ".join(mail.text.split())}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_seat_that_came_while_the_mail_was_queued_makes_one_true_mail(
    runtime: Runtime, order: tuple[int, int]
) -> None:
    provider, story = Provider(runtime, is_down=True), [waitlisted(), confirmed()]
    receive_from(runtime, story, order[0])
    provider.send_all(NOW)
    provider.send_all(NOW + LATER)
    receive_from(runtime, story, order[1])
    provider.send_all(NOW + 2 * LATER)
    provider.is_down = False
    provider.send_all(NOW + 3 * LATER)
    ((mail, state),) = provider.accepted
    assert mail.subject.startswith("You have a place")
    assert claims(mail) == {"confirmed"} == {state.status}
    assert {each.state for each in deliveries(runtime)} == {"accepted", "superseded"}


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_a_reminder_that_overtakes_the_confirmation_lets_no_waiting_list_mail_out(
    runtime: Runtime, order: tuple[int, ...]
) -> None:
    provider, story = Provider(runtime), [waitlisted(), confirmed(), (REMINDER_DUE, about())]
    for number in order:
        receive_from(runtime, story, number)
    provider.send_all(NOW)
    assert sorted(mail.subject.split(":")[0] for mail, _state in provider.accepted) == [
        "See you on Saturday 28 February 2026",
        "You have a place",
    ]


@pytest.mark.parametrize("order", [(1, 3), (3, 1)])
def test_what_a_reminder_has_told_holds_back_the_older_mail_before_the_confirmation_comes(
    runtime: Runtime, order: tuple[int, int]
) -> None:
    provider, story = Provider(runtime), [waitlisted(), confirmed(), (REMINDER_DUE, about())]
    receive_from(runtime, story, *order)
    provider.send_all(NOW)
    receive_from(runtime, story, 2)
    provider.send_all(NOW)
    assert [claims(mail) for mail, _state in provider.accepted] == [{"confirmed"}] * 2


def test_a_confirmation_comes_although_the_reminder_has_told_of_it(runtime: Runtime) -> None:
    provider, story = Provider(runtime), [waitlisted(), confirmed(), (REMINDER_DUE, about())]
    for number in (1, 3, 2):
        receive_from(runtime, story, number)
        provider.send_all(NOW)
    subjects = [mail.subject for mail, _state in provider.accepted]
    assert [each.startswith("You are number 3") for each in subjects] == [True, False, False]
    assert subjects[2].startswith("You have a place")


def test_an_outage_makes_the_place_in_line_a_matter_of_the_past(runtime: Runtime) -> None:
    provider = Provider(runtime, is_down=True)
    receive_from(runtime, [waitlisted(place=5)], 1)
    for minutes in range(0, 60, 6):
        provider.send_all(NOW + minutes * MINUTE)
    provider.is_down = False
    provider.send_all(NOW + 70 * MINUTE)
    ((mail, _state),) = provider.accepted
    said = " ".join(mail.text.split())
    assert "You were number 5 on Tuesday 10 February 2026 at 10:00;" in said
    assert "your page shows where you are now." in said
    assert "You are number" not in mail.subject + said
    assert "All seats are taken at the moment" not in said


@pytest.mark.parametrize(
    ("minutes", "as_of_then"), [(0, False), (10, False), (10.1, True), (60 * 24, True)]
)
def test_a_place_in_line_is_the_present_for_ten_minutes(minutes: float, as_of_then: bool) -> None:
    late = timedelta(minutes=minutes)
    for sample, kind in ((waitlisted(place=5), "waitlisted"), (repeated(place=5), "repeated")):
        mail = compose_mail(sample, kind, late=late)
        assert ("You were number 5" in mail.text) == as_of_then
        assert ("as number 5" in mail.text) != as_of_then
        assert "You are on the waiting list" in mail.text


def test_a_late_mail_says_so_in_french_and_where_the_session_is() -> None:
    contract, data = waitlisted(place=1)
    recipient = data["recipient"] | {"language": "fr"}
    session = data["session"] | {"zone": "America/Halifax"}
    sample = contract, data | {"recipient": recipient, "session": session}
    mail = compose_mail(sample, "waitlisted", late=timedelta(hours=1))
    assert mail.subject.startswith("Vous êtes sur la liste d’attente")
    assert "Vous y étiez au 1er rang le mardi 10 février 2026 à 11\u00a0h;" in mail.text


def test_a_repeated_sign_up_that_is_told_late_was_not_just_now() -> None:
    mail = compose_mail(repeated(), "repeated", late=timedelta(hours=1))
    assert "was entered again for this workshop on Tuesday 10 February 2026 at 10:00." in mail.text
    assert "just entered" not in mail.text
    assert "just entered" in compose_mail(repeated(), "repeated").text


WAYS = (
    ("waiting", "offered", "confirmed", "cancelled"),
    ("waiting", "offered", "declined"),
    ("waiting", "offered", "lapsed"),
    ("waiting", "confirmed", "cancelled"),
    ("confirmed", "cancelled"),
    ("waiting",),
)
NEWS = {
    "waiting": waitlisted(),
    "offered": offered(),
    "confirmed": confirmed(),
    "cancelled": cancelled(),
    "declined": (REGISTRATION_DECLINED, about("declined")),
    "lapsed": (REGISTRATION_LAPSED, about("lapsed")),
}
REMARKS = {
    "waiting": (repeated(), notice(status="waiting")),
    "offered": (repeated(status="offered"), (OFFER_EXPIRING, offered()[1])),
    "confirmed": (repeated(status="confirmed"), (REMINDER_DUE, about()), notice()),
}


@st.composite
def stories(draw: st.DrawFn) -> list[Step]:
    """What happens to one registration, in order: its states, and remarks while they last."""
    way = draw(st.sampled_from(WAYS))
    story: list[Step] = []
    for status in way[: draw(st.integers(1, len(way)))]:
        story.append(NEWS[status])
        if status in REMARKS:
            story += draw(st.lists(st.sampled_from(REMARKS[status]), max_size=2))
    identity = {"registration_id": new_id()}
    return [(contract, data | identity) for contract, data in story]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Step], list[int | str]]:
    """A story, and in which order its events arrive, often twice, among sends and outages."""
    story = draw(stories())
    numbers = list(range(1, len(story) + 1))
    arrivals = numbers + draw(st.lists(st.sampled_from(numbers), max_size=2))
    others = draw(st.lists(st.sampled_from(["send", "down", "up"]), max_size=6))
    return story, list(draw(st.permutations([*arrivals, *others])))


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories())
def test_every_mail_says_what_is_newest_as_it_goes_out(
    runtime: Runtime, history: tuple[list[Step], list[int | str]]
) -> None:
    story, steps = history
    provider, now = Provider(runtime), NOW
    envelopes = {
        number: an_envelope(*step, sequence=number) for number, step in enumerate(story, start=1)
    }
    for step in [*steps, "up", "send", "send"]:
        now += MINUTE if provider.is_down else timedelta(seconds=1)
        if isinstance(step, int):
            runtime.inbox.receive(envelopes[step], now)
        elif step == "send":
            now += LATER
            provider.send_all(now)
        else:
            provider.is_down = step == "down"
    with runtime.database.reading() as db:
        assert db.scalar(sa.select(Delivery.id).where(Delivery.state.in_(UNDER_WAY))) is None
    for mail, state in provider.accepted:
        assert claims(mail) == {state.heard_status}, mail.subject
    _told_of_the_last_state_once(provider, story)


def _told_of_the_last_state_once(provider: Provider, story: list[Step]) -> None:
    last = max(number for number in range(len(story)) if _is_news(story, number))
    registration_id: UUID = story[0][1]["registration_id"]
    with provider.runtime.database.reading() as db:
        rows = [db.get_one(Delivery, mail.id) for mail, _state in provider.accepted]
    mine = [(each.sequence, each.kind) for each in rows if each.subject_id == registration_id]
    assert len(mine) == len(set(mine))
    assert [number for number, _kind in mine].count(last + 1) == 1


def _is_news(story: list[Step], number: int) -> bool:
    return any(story[number][0] is contract for contract, _data in NEWS.values())
