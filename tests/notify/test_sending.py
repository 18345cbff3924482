"""The sender: every mail is accounted for, whatever dies or fails meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Barrier, Lock

import pytest

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.notify.claiming import AT_ONCE, Claim, claim_due
from services.notify.commands import NotFailed, send_again
from services.notify.failures import OutcomeUnknown, PermanentFailure, TemporaryFailure
from services.notify.message import Mail
from services.notify.models import Delivery
from services.notify.noting import Outcome, note_outcome
from services.notify.sending import attempt_and_note, send_due
from services.notify.transports import transport_for
from tests.notify.factories import NOW, a_contact, cancelled, confirmed, offered, waitlisted
from tests.notify.post import deliveries, letters, mailed, receive, send_all, states

SECOND = timedelta(seconds=1)


@dataclass
class Scripted:
    """A transport that does what a test tells it to."""

    answer: Callable[[], str]
    longest_send: timedelta = timedelta(minutes=1)
    patience: timedelta = timedelta(minutes=2)

    def send(self, mail: Mail, now: datetime) -> str:
        return self.answer()


def raising(problem: Exception) -> Scripted:
    def answer() -> str:
        raise problem

    return Scripted(answer)


def claimed(runtime: Runtime, now: datetime = NOW) -> Claim:
    with runtime.database.writing() as db:
        [claim] = claim_due(db, transport_for(runtime.settings), now)
    return claim


def claims_of(runtime: Runtime) -> list[Claim]:
    with runtime.database.writing() as db:
        return claim_due(db, transport_for(runtime.settings), NOW)


def several_confirmed(runtime: Runtime, number: int) -> None:
    for _ in range(number):
        receive(runtime, confirmed(registration_id=new_id()))


def attempt(runtime: Runtime, transport: Scripted, now: datetime = NOW) -> Delivery:
    """Send the one mail there is by this transport; returns its row."""
    with runtime.database.writing() as db:
        claims = claim_due(db, transport, now)
    attempt_and_note(runtime, transport, claims, now)
    (delivery,) = deliveries(runtime)
    return delivery


def test_a_quiet_service_has_nothing_to_send(runtime: Runtime) -> None:
    assert send_due(runtime, NOW) == 0


def test_an_accepted_mail_has_its_times_and_the_provider_s_id(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    send_all(runtime, NOW + SECOND)
    (delivery,) = deliveries(runtime)
    assert delivery.accepted_at is not None
    assert SECOND <= delivery.accepted_at - delivery.created_at < 30 * SECOND
    assert delivery.provider_id == f"{delivery.id}.eml"
    assert (delivery.attempts, delivery.error) == (1, "")


def test_two_senders_never_take_the_same_mail(runtime: Runtime) -> None:
    for _ in range(20):
        receive(runtime, confirmed(registration_id=new_id()))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: send_all(runtime), range(4)))
    assert len(letters(runtime)) == 20
    assert {each.attempts for each in deliveries(runtime)} == {1}


def test_a_sender_that_dies_leaves_a_mail_in_doubt_that_goes_out_again_with_its_id(
    runtime: Runtime,
) -> None:
    receive(runtime, confirmed())
    claimed(runtime)
    assert states(runtime) == [("confirmed", "sending")]
    assert mailed(runtime, NOW + 29 * SECOND) == []
    assert mailed(runtime, NOW + 31 * SECOND) == []
    assert states(runtime) == [("confirmed", "unknown")]
    (message,) = mailed(runtime, NOW + 37 * SECOND)
    (delivery,) = deliveries(runtime)
    assert message["Message-ID"] == f"<{delivery.id}@turnout.test>"
    assert delivery.state == "accepted"
    assert delivery.second_copy_possible
    assert "stopped" in delivery.error


def test_a_sender_that_goes_on_claims_the_next_mails_as_it_notes_those_before(
    runtime: Runtime,
) -> None:
    several_confirmed(runtime, 2 * AT_ONCE + 1)
    first = claims_of(runtime)
    following = attempt_and_note(runtime, Scripted(str), first, NOW, goes_on=True)
    expected = ["accepted"] * AT_ONCE + ["sending"] * AT_ONCE + ["queued"]
    assert [state for _kind, state in states(runtime)] == expected
    sending = [each.id for each in deliveries(runtime)[AT_ONCE : 2 * AT_ONCE]]
    assert [each.delivery.id for each in following] == sending


def test_mails_that_are_claimed_together_are_sent_side_by_side(runtime: Runtime) -> None:
    several_confirmed(runtime, AT_ONCE)
    all_of_them = Barrier(AT_ONCE, timeout=10)
    meeting = Scripted(lambda: f"250 {all_of_them.wait()}")
    attempt_and_note(runtime, meeting, claims_of(runtime), NOW)
    assert {each.provider_id for each in deliveries(runtime)} == {"250 0", "250 1", "250 2"}


def test_each_of_those_sent_together_has_its_own_outcome(runtime: Runtime) -> None:
    several_confirmed(runtime, AT_ONCE)
    told = iter(["250 OK", TemporaryFailure("450 busy"), PermanentFailure("550 no")])

    def answer() -> str:
        said = next(told)
        if isinstance(said, Exception):
            raise said
        return said

    attempt_and_note(runtime, Scripted(answer), claims_of(runtime), NOW)
    assert {state for _kind, state in states(runtime)} == {"accepted", "queued", "failed"}


def test_news_that_comes_while_mails_are_sent_stops_those_that_follow(runtime: Runtime) -> None:
    other = new_id()
    several_confirmed(runtime, AT_ONCE)
    receive(runtime, confirmed(registration_id=other), sequence=1)
    told = Lock()

    def meanwhile() -> str:
        if told.acquire(blocking=False):
            receive(runtime, cancelled(registration_id=other), sequence=2)
        return "250 OK"

    first = claims_of(runtime)
    following = attempt_and_note(runtime, Scripted(meanwhile), first, NOW, goes_on=True)
    assert [each.delivery.kind for each in following] == ["cancelled"]
    expected = ["accepted"] * AT_ONCE + ["superseded", "sending"]
    assert [state for _kind, state in states(runtime)] == expected


def test_a_mail_whose_outcome_cannot_be_noted_does_not_cost_what_is_known_of_the_others(
    runtime: Runtime,
) -> None:
    several_confirmed(runtime, AT_ONCE)
    claims = claims_of(runtime)
    with runtime.database.writing() as db:
        db.delete(db.get_one(Delivery, claims[1].delivery.id))
    with pytest.raises(LookupError, match="vanished"):
        attempt_and_note(runtime, Scripted(str), claims, NOW)
    assert states(runtime) == [("confirmed", "accepted")] * (AT_ONCE - 1)


def test_what_is_wrong_with_the_next_mail_does_not_cost_what_is_known_of_this_one(
    runtime: Runtime,
) -> None:
    several_confirmed(runtime, AT_ONCE)
    receive(runtime, offered(registration_id=new_id()))
    with runtime.database.writing() as db:
        broken = db.get_one(Delivery, deliveries(runtime)[AT_ONCE].id)
        broken.context = broken.context | {"until": "some day"}
    with pytest.raises(ValueError, match="some day"):
        send_due(runtime, NOW)
    expected = ["accepted"] * AT_ONCE + ["queued"]
    assert [state for _kind, state in states(runtime)] == expected
    subjects = sorted(each.mail_subject for each in deliveries(runtime)[:AT_ONCE])
    assert subjects == sorted(each["Subject"] for each in letters(runtime))


def test_a_mail_in_doubt_that_is_no_longer_true_is_not_sent_again(runtime: Runtime) -> None:
    receive(runtime, waitlisted(), sequence=1)
    claimed(runtime)
    send_all(runtime, NOW + 31 * SECOND)
    receive(runtime, confirmed(), sequence=2)
    (message,) = mailed(runtime, NOW + 60 * SECOND)
    assert message["Subject"].startswith("You have a place")


def test_a_late_failure_does_not_disturb_the_sender_who_took_over(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    late = claimed(runtime)
    send_all(runtime, NOW + 31 * SECOND)
    current = claimed(runtime, NOW + 40 * SECOND)
    transport = transport_for(runtime.settings)
    failed, accepted = Outcome("failed", "550 no"), Outcome("accepted", provider_id="x")
    with runtime.database.writing() as db:
        note_outcome(db, late, failed, transport=transport, now=NOW + 41 * SECOND)
    assert states(runtime) == [("confirmed", "sending")]
    with runtime.database.writing() as db:
        note_outcome(db, current, accepted, transport=transport, now=NOW + 42 * SECOND)
    assert states(runtime) == [("confirmed", "accepted")]


def test_a_temporary_failure_waits_longer_each_time_and_keeps_the_words(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    now, waits = NOW, []
    for _ in range(10):
        delivery = attempt(runtime, raising(TemporaryFailure("450 busy")), now)
        assert (delivery.state, delivery.error) == ("queued", "450 busy")
        waits.append(delivery.due_at - now)
        now = delivery.due_at
    assert timedelta(seconds=3) < waits[0] < timedelta(seconds=7)
    assert waits[0] < waits[3] < waits[5]
    assert max(waits) < timedelta(minutes=7)
    assert len(mailed(runtime, now)) == 1


def test_a_provider_s_wish_to_wait_is_honoured(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    wish = NOW + timedelta(minutes=40)
    delivery = attempt(runtime, raising(TemporaryFailure("429 slow down", wish)))
    assert delivery.due_at == wish


def test_after_two_days_a_temporary_failure_is_final(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    later = NOW + timedelta(hours=48)
    delivery = attempt(runtime, raising(TemporaryFailure("450 busy")), later)
    assert (delivery.state, delivery.error) == ("failed", "450 busy")


def test_a_permanent_failure_is_final_until_staff_send_it_again(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    delivery = attempt(runtime, raising(PermanentFailure("550 no such user")))
    assert (delivery.state, delivery.error) == ("failed", "550 no such user")
    assert mailed(runtime, NOW + timedelta(days=1)) == []
    again_at = NOW + timedelta(days=3)
    with runtime.database.writing() as db:
        send_again(db, delivery.id, now=again_at)
    assert len(mailed(runtime, again_at)) == 1
    with pytest.raises(NotFailed), runtime.database.writing() as db:
        send_again(db, delivery.id, now=again_at)


@pytest.mark.parametrize("problem", [OutcomeUnknown("no answer"), RuntimeError("no answer")])
def test_a_lost_answer_is_a_doubt_that_rests_and_is_marked(
    runtime: Runtime, problem: Exception
) -> None:
    receive(runtime, confirmed())
    delivery = attempt(runtime, raising(problem))
    assert delivery.state == "unknown"
    assert delivery.second_copy_possible
    assert "no answer" in delivery.error
    assert timedelta(minutes=2) <= delivery.due_at - NOW < timedelta(minutes=3)


@pytest.mark.parametrize(
    "address", ["no address", "a@example.org, b@example.org", "a@b\r\nBcc: c@d"]
)
def test_an_address_that_is_none_fails_in_sight_and_holds_nobody_up(
    runtime: Runtime, address: str
) -> None:
    receive(runtime, confirmed(recipient=a_contact(email=address)))
    receive(runtime, confirmed(registration_id=new_id()))
    (message,) = mailed(runtime)
    assert message["To"].addresses[0].addr_spec == "ann.lee@example.org"
    failed, _sent = deliveries(runtime)
    assert failed.state == "failed"
    assert "not an e-mail address" in failed.error


def test_a_mail_that_cannot_be_written_fails_in_sight_and_holds_nobody_up(
    runtime: Runtime,
) -> None:
    receive(runtime, confirmed())
    receive(runtime, confirmed(registration_id=new_id()))
    with runtime.database.writing() as db:
        broken = db.get_one(Delivery, deliveries(runtime)[0].id)
        session = broken.context["session"] | {"zone": "Nowhere/Land"}
        broken.context = broken.context | {"session": session}
    assert len(mailed(runtime)) == 1
    assert [each.state for each in deliveries(runtime)] == ["failed", "accepted"]
    assert "Nowhere" in deliveries(runtime)[0].error


def test_a_folder_that_cannot_be_written_is_tried_again(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    blocked = runtime.settings.data / "mail"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("in the way")
    send_all(runtime)
    (delivery,) = deliveries(runtime)
    assert (delivery.state, delivery.attempts) == ("queued", 1)
    blocked.unlink()
    assert len(mailed(runtime, NOW + 10 * SECOND)) == 1


def test_a_folder_of_ones_own_choice_is_used(
    runtime: Runtime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chosen = tmp_path_factory.mktemp("post")
    elsewhere = replace(runtime, settings=replace(runtime.settings, mail_url=f"folder:{chosen}"))
    receive(elsewhere, confirmed())
    send_all(elsewhere)
    assert len(list(chosen.glob("*.eml"))) == 1
    assert not list(chosen.glob("*.draft"))
