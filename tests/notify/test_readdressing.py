"""A corrected address: what went astray goes to the new one, once, and the past stays as it was."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.links import Links
from services.chassis.service import Runtime
from services.contracts import Contract
from services.contracts.registrations import REGISTRATION_READDRESSED, REMINDER_DUE
from services.notify.models import Delivery, Suppression
from services.notify.reports import Report, receive_reports
from tests.notify.factories import (
    NOW,
    Data,
    a_contact,
    about,
    cancelled,
    confirmed,
    notice,
    offered,
    waitlisted,
)
from tests.notify.post import deliveries, letters, mailed, parked, receive, states, text_of

OLD, NEW = "ann.lee@example.org", "ann.leigh@example.org"
LATER = NOW + timedelta(minutes=5)


def readdressed(status: str = "confirmed", **but: Any) -> tuple[Contract, Data]:
    recipient = a_contact(email=but.pop("email", NEW))
    more = {"link_version": 2, "recipient": recipient, "previous_email": OLD}
    return REGISTRATION_READDRESSED, about(status, **more | but)


def let_it_become(runtime: Runtime, state: str, **but: Any) -> None:
    """As the provider's reports do, which are another module's matter."""
    with runtime.database.writing() as db:
        for each in db.scalars(sa.select(Delivery).filter_by(**but)):
            each.state, each.error = state, "550 5.1.1 No such user"


def recipients(runtime: Runtime) -> list[tuple[str, str, str]]:
    return [(each.kind, each.recipient_email, each.state) for each in deliveries(runtime)]


def to_new(runtime: Runtime) -> list[str]:
    return [text_of(each) for each in letters(runtime) if NEW in str(each["To"])]


@pytest.mark.parametrize("state", ["bounced", "dropped", "failed", "suppressed"])
def test_what_did_not_arrive_goes_to_the_new_address_and_the_original_stays(
    runtime: Runtime, state: str
) -> None:
    receive(runtime, confirmed())
    mailed(runtime)
    let_it_become(runtime, state)
    receive(runtime, readdressed(), sequence=2, at=LATER)
    mailed(runtime, LATER)
    assert recipients(runtime) == [("confirmed", OLD, state), ("confirmed", NEW, "accepted")]
    original, copy = deliveries(runtime)
    assert original.error == "550 5.1.1 No such user"
    assert original.attempts == 1
    assert copy.resend_of_id == original.id


def test_the_links_in_the_copy_are_the_new_ones(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    mailed(runtime)
    let_it_become(runtime, "bounced")
    receive(runtime, readdressed(), sequence=2, at=LATER)
    mailed(runtime, LATER)
    registration_id = about()["registration_id"]
    links = Links(runtime.settings)
    (text,) = to_new(runtime)
    assert links.manage(registration_id, 2) in text
    assert links.manage(registration_id, 1) not in text


def test_the_event_has_its_effect_once_however_often_it_arrives(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    mailed(runtime)
    let_it_become(runtime, "bounced")
    envelope = receive(runtime, readdressed(), sequence=2, at=LATER)
    for _ in range(3):
        runtime.inbox.receive(envelope, LATER)
        mailed(runtime, LATER)
    assert len(to_new(runtime)) == 1


def test_mail_that_waits_goes_to_the_new_address_at_once(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    receive(runtime, readdressed(), sequence=2, at=LATER)
    mailed(runtime, LATER)
    assert recipients(runtime) == [("confirmed", NEW, "accepted")]
    assert NEW in deliveries(runtime)[0].search_text


@pytest.mark.parametrize("state", ["unknown", "queued"])
def test_mail_in_doubt_is_copied_so_that_a_bounce_of_it_blames_the_old_address(
    runtime: Runtime, state: str
) -> None:
    receive(runtime, confirmed())
    let_it_become(runtime, state)
    with runtime.database.writing() as db:
        db.execute(sa.update(Delivery).values(second_copy_possible=True))
    receive(runtime, readdressed(), sequence=2, at=LATER)
    mailed(runtime, LATER)
    assert recipients(runtime) == [("confirmed", OLD, "superseded"), ("confirmed", NEW, "accepted")]
    original, copy = deliveries(runtime)
    assert (original.second_copy_possible, copy.second_copy_possible) == (True, False)
    late = Report("b1", "bounce", LATER, original.id, "550 5.1.1 No such user")
    receive_reports(runtime.database, [late], LATER)
    assert states(runtime) == [("confirmed", "bounced"), ("confirmed", "accepted")]
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(Suppression.address_key)).all() == [OLD]


def test_mail_that_is_being_sent_is_sent_to_the_new_address_as_well(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    let_it_become(runtime, "sending", kind="confirmed")
    receive(runtime, readdressed(), sequence=2, at=LATER)
    mailed(runtime, LATER)
    assert recipients(runtime) == [("confirmed", OLD, "superseded"), ("confirmed", NEW, "accepted")]
    assert "the address was corrected" in deliveries(runtime)[0].error


def test_what_is_no_longer_true_is_not_sent_again(runtime: Runtime) -> None:
    receive(runtime, waitlisted(), sequence=1)
    mailed(runtime)
    receive(runtime, confirmed(), sequence=2)
    mailed(runtime)
    let_it_become(runtime, "bounced")
    receive(runtime, readdressed(), sequence=3, at=LATER)
    mailed(runtime, LATER)
    assert states(runtime) == [
        ("waitlisted", "bounced"),
        ("confirmed", "bounced"),
        ("confirmed", "accepted"),
    ]


def test_everything_that_is_still_true_is_sent_again(runtime: Runtime) -> None:
    for sequence, sample in enumerate([confirmed(), notice(), (REMINDER_DUE, about())], start=1):
        receive(runtime, sample, sequence=sequence)
        mailed(runtime)
    let_it_become(runtime, "bounced")
    receive(runtime, readdressed(), sequence=4, at=LATER)
    mailed(runtime, LATER)
    kinds = [kind for kind, email, _state in recipients(runtime) if email == NEW]
    assert sorted(kinds) == ["confirmed", "notice_changed", "reminder"]


@pytest.mark.parametrize("state", ["accepted", "delivered"])
def test_when_the_old_address_took_the_mail_how_things_stand_is_told_again(
    runtime: Runtime, state: str
) -> None:
    receive(runtime, waitlisted(), sequence=1)
    mailed(runtime)
    receive(runtime, confirmed(), sequence=2)
    mailed(runtime)
    let_it_become(runtime, state)
    receive(runtime, readdressed(), sequence=3, at=LATER)
    mailed(runtime, LATER)
    assert recipients(runtime)[2:] == [("confirmed", NEW, "accepted")]


def test_of_a_place_that_has_ended_only_what_did_not_arrive_is_sent(runtime: Runtime) -> None:
    receive(runtime, cancelled())
    mailed(runtime)
    receive(runtime, readdressed("cancelled"), sequence=2, at=LATER)
    mailed(runtime, LATER)
    assert to_new(runtime) == []
    let_it_become(runtime, "bounced")
    other = readdressed("cancelled", link_version=3)
    receive(runtime, other, sequence=3, at=LATER)
    mailed(runtime, LATER)
    assert len(to_new(runtime)) == 1


def test_a_second_correction_sends_one_copy_of_each_mail(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    mailed(runtime)
    let_it_become(runtime, "bounced")
    typo = readdressed(email="ann.leihg@example.org")
    receive(runtime, typo, sequence=2, at=LATER)
    mailed(runtime, LATER)
    let_it_become(runtime, "bounced")
    receive(runtime, readdressed(link_version=3), sequence=3, at=LATER)
    mailed(runtime, LATER)
    assert len(to_new(runtime)) == 1


def test_an_offer_whose_time_has_passed_is_not_sent_again(runtime: Runtime) -> None:
    receive(runtime, offered())
    mailed(runtime)
    let_it_become(runtime, "bounced")
    too_late = NOW + timedelta(days=5)
    receive(runtime, readdressed("offered"), sequence=2, at=too_late)
    mailed(runtime, too_late)
    assert to_new(runtime) == []


def test_an_event_that_was_overtaken_by_the_correction_goes_to_the_new_address(
    runtime: Runtime,
) -> None:
    receive(runtime, waitlisted(), sequence=1)
    mailed(runtime)
    receive(runtime, readdressed(), sequence=3, at=LATER)
    receive(runtime, confirmed(), sequence=2)
    mailed(runtime, LATER)
    assert ("confirmed", NEW, "accepted") in recipients(runtime)
    assert parked(runtime) == []


@pytest.mark.parametrize("state", ["accepted", "sending", "unknown", "bounced"])
def test_what_went_to_the_new_address_before_the_correction_was_heard_of_has_no_copy(
    runtime: Runtime, state: str
) -> None:
    known = confirmed(link_version=2, recipient=a_contact(email=NEW))
    receive(runtime, known, sequence=3)
    mailed(runtime)
    let_it_become(runtime, state)
    receive(runtime, readdressed(), sequence=2, at=LATER)
    assert recipients(runtime) == [("confirmed", NEW, state)]


def test_an_older_correction_that_arrives_late_changes_nothing(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    receive(runtime, readdressed(link_version=3), sequence=3, at=LATER)
    receive(runtime, readdressed(email="older@example.org"), sequence=2, at=LATER)
    mailed(runtime, LATER)
    assert recipients(runtime) == [("confirmed", NEW, "accepted")]


def test_a_correction_before_everything_else_is_remembered(runtime: Runtime) -> None:
    receive(runtime, readdressed(), sequence=2, at=LATER)
    receive(runtime, confirmed(), sequence=1)
    mailed(runtime, LATER)
    assert recipients(runtime) == [("confirmed", NEW, "accepted")]
