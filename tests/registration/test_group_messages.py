"""Messages to a group: who is in it, what its author sees, and one request for each reader."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.contracts import CONTRACTS
from services.registration.answers import Answer
from services.registration.attendance import note_attendance
from services.registration.models import Organisation, Person, Registration, WorkshopSession
from services.registration.places import give_up
from services.registration.sending_models import GroupMessage
from services.registration.staff_actions import move_by_staff
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import NOW, signed_up, soon, tell_of

NEW = "/staff/messages/new"
WORDS = {"subject_en": "Parking", "body_en": "Hello {name}", "subject_fr": "", "body_fr": ""}
FRENCH = {"subject_fr": "Stationnement", "body_fr": "Bonjour {name}"}
AGREED = {"announcements": True}


def asked_for(runtime: Runtime) -> list[dict[str, Any]]:
    """What notify is asked to send, in the order of asking."""
    query = sa.select(OutboxRow).where(OutboxRow.type == "message.requested.v1")
    with runtime.database.reading() as db:
        rows = db.scalars(query.order_by(OutboxRow.event_id)).all()
    return [CONTRACTS[row.type].load(row.envelope["data"]) for row in rows]


def addresses(runtime: Runtime) -> list[str]:
    """Whom the message goes to, without tests."""
    real = [each for each in asked_for(runtime) if not each["is_test"]]
    return sorted(each["recipient"]["email"].partition("@")[0] for each in real)


def local(runtime: Runtime, number: str) -> UUID:
    with runtime.database.reading() as db:
        return db.scalars(sa.select(Organisation.id).where(Organisation.number == number)).one()


def member(runtime: Runtime, session_id: UUID, name: str, number: str, **but: Any) -> Answer:
    """Somebody of a local in the directory signs up."""
    key = local(runtime, number)
    return signed_up(runtime, session_id, name, organisation_id=key, **but)


def written(client: FlaskClient, path: str, /, **typed: str) -> Page:
    """The page that comes after writing."""
    return submit(client, visit(client, path), "/preview", **(WORDS | typed))


def to_session(client: FlaskClient, session_id: UUID, to: str, /, **typed: str) -> Page:
    return written(client, f"{NEW}?session_id={session_id}", to=to, **typed)


def send(client: FlaskClient, preview: Page) -> str:
    """Press “yes, send it now”; where that leads."""
    form = preview.form("/send")
    answer = client.post(form.action, data=form.fields)
    assert answer.status_code == 302, Page(answer).text
    return str(answer.headers["Location"])


def a_full_session(runtime: Runtime) -> UUID:
    """Two have seats, one waits, one has cancelled."""
    session_id = tell_of(runtime, soon(capacity=2))
    member(runtime, session_id, "Ann Lee", "1207")
    gone = member(runtime, session_id, "Gil Gone", "1207")
    with runtime.database.writing() as db:
        give_up(db, gone.registration.id, now=NOW)
    member(runtime, session_id, "Bea Roy", "1270")
    member(runtime, session_id, "Cy Wait", "1207")
    return session_id


@pytest.mark.parametrize(
    ("to", "readers"),
    [
        ("confirmed", ["ann.lee", "bea.roy"]),
        ("waiting", ["cy.wait"]),
        ("cancelled", ["gil.gone"]),
    ],
)
def test_a_message_goes_once_to_everybody_in_its_group(
    runtime: Runtime, coordinator: FlaskClient, to: str, readers: list[str]
) -> None:
    session_id = a_full_session(runtime)
    preview = to_session(coordinator, session_id, to)
    where = send(coordinator, preview)
    assert addresses(runtime) == readers
    [message_id] = {each["group_message_id"] for each in asked_for(runtime)}
    assert where == f"/staff/mail/log?batch={message_id}"
    said = asked_for(runtime)[0]
    assert (said["stream"], said["size"], said["author"]) == (
        "transactional",
        len(readers),
        "Coordinator",
    )
    assert said["registration_id"]
    assert said["session"]["session_id"] == session_id


def test_a_form_sent_twice_is_one_message(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = a_full_session(runtime)
    preview = to_session(coordinator, session_id, "confirmed")
    assert send(coordinator, preview) == send(coordinator, preview)
    assert len(asked_for(runtime)) == 2
    with runtime.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(GroupMessage)) == 1


def test_the_same_form_with_other_words_is_shown_again_as_a_new_message(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_full_session(runtime)
    form = visit(coordinator, f"{NEW}?session_id={session_id}")
    send(coordinator, submit(coordinator, form, "/preview", **WORDS, to="confirmed"))
    again = WORDS | {"body_en": "Other words"}
    preview = submit(coordinator, form, "/preview", **again, to="confirmed")
    page = submit(coordinator, preview, "/send")
    assert page.response.status_code == 409
    assert "This message was sent already, in other words." in page.text
    assert len(asked_for(runtime)) == 2
    send(coordinator, page)
    assert len(asked_for(runtime)) == 4


def test_a_group_that_changed_since_the_preview_is_asked_about_again(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_full_session(runtime)
    preview = to_session(coordinator, session_id, "waiting")
    member(runtime, session_id, "Dot New", "1207")
    page = submit(coordinator, preview, "/send")
    assert page.response.status_code == 409
    assert "The group has changed since you looked." in page.text
    assert "Send to 2 people" in page.text
    assert asked_for(runtime) == []
    send(coordinator, page)
    assert addresses(runtime) == ["cy.wait", "dot.new"]


def test_a_message_can_be_narrowed_to_one_local(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = a_full_session(runtime)
    key = str(local(runtime, "1270"))
    preview = to_session(coordinator, session_id, "confirmed", organisation_id=key)
    assert "1270" in preview.text
    send(coordinator, preview)
    assert addresses(runtime) == ["bea.roy"]


def test_those_who_did_not_come_are_a_group(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    absent = member(runtime, session_id, "Ann Lee", "1207")
    member(runtime, session_id, "Bea Roy", "1207")
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    with runtime.database.writing() as db:
        note_attendance(db, absent.registration.id, came=False, actor="Coordinator", now=later)
    send(coordinator, to_session(coordinator, session_id, "no_show"))
    assert addresses(runtime) == ["ann.lee"]


def test_who_was_moved_elsewhere_or_came_back_is_not_among_the_cancelled(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id, other = (tell_of(runtime, soon(capacity=3)) for _ in range(2))
    back = member(runtime, session_id, "Ann Lee", "1207")
    away = member(runtime, session_id, "Bea Roy", "1207")
    with runtime.database.writing() as db:
        give_up(db, back.registration.id, now=NOW)
        who = {"actor": "Coordinator", "reason": "asked", "now": NOW}
        move_by_staff(db, away.registration.id, other, **who)  # type: ignore[arg-type]
    member(runtime, session_id, "Ann Lee", "1207")
    page = to_session(coordinator, session_id, "cancelled")
    assert page.response.status_code == 422
    assert "Nobody in this group can be written to." in page.text


def test_whom_mail_does_not_reach_is_left_out_and_named(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_full_session(runtime)
    with runtime.database.writing() as db:
        person = db.scalars(sa.select(Person).where(Person.email_key.startswith("bea"))).one()
        person.mail_failure = "550 no such user"
    preview = to_session(coordinator, session_id, "confirmed")
    assert "Mail does not reach them (1) Bea Roy" in preview.text
    send(coordinator, preview)
    assert addresses(runtime) == ["ann.lee"]


def test_a_local_is_told_once_each_and_only_who_agreed(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    first, second = (tell_of(runtime, soon(capacity=9)) for _ in range(2))
    for session_id in (first, second):
        member(runtime, session_id, "Ann Lee", "1207", **AGREED)
    member(runtime, first, "Not Agreed", "1207")
    member(runtime, first, "Other Local", "4410", **AGREED)
    member(runtime, first, "Left It", "1207", **AGREED)
    member(runtime, second, "Left It", "4410", now=datetime(2026, 3, 3, tzinfo=UTC))
    preview = written(coordinator, NEW, to=f"local:{local(runtime, '1207')}")
    assert "Have not agreed to announcements, or want no more (1) Not Agreed" in preview.text
    send(coordinator, preview)
    [said] = asked_for(runtime)
    assert said["recipient"]["email"] == "ann.lee@example.org"
    assert (said["stream"], said["registration_id"], said["session"]) == (
        "announcement",
        None,
        None,
    )
    assert said["organisation"] == "Riverbend Hospital Workers"
    assert said["agreed_at"] == NOW


def test_a_cluster_is_every_local_of_its_area(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = tell_of(runtime, soon(capacity=9))
    for name, number in (("Ann Lee", "1207"), ("Bea Roy", "1270"), ("Cy Wait", "4410")):
        member(runtime, session_id, name, number, **AGREED)
    send(coordinator, written(coordinator, NEW, to="area:North"))
    assert addresses(runtime) == ["ann.lee", "bea.roy"]


def test_both_languages_are_needed_where_both_are_read(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_full_session(runtime)
    member(runtime, session_id, "Élise Roy", "1207", language="fr", email="elise@example.org")
    page = to_session(coordinator, session_id, "waiting")
    assert page.response.status_code == 422
    assert "One person in this group reads French" in page.text
    preview = submit(coordinator, page, "/preview", **FRENCH)
    assert "Bonjour Élise Roy" in preview.text
    assert "Hello Cy Wait" in preview.text
    send(coordinator, preview)
    assert {each["recipient"]["language"] for each in asked_for(runtime)} == {"en", "fr"}


def test_one_language_is_enough_where_one_is_read(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    preview = to_session(coordinator, a_full_session(runtime), "confirmed")
    assert "Nobody in this group reads French" in preview.text


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"body_en": "{dates} {colour} {x1}"}, "There are no fields {colour}, {x1} here."),
        ({"subject_en": "{page}"}, "There is no field {page} here."),
        ({"subject_en": ""}, "Please give the message a subject."),
        ({"body_en": ""}, "Please write the message in English, in French, or in both."),
        ({"subject_fr": "Bonjour"}, "Please write the message, or leave its subject out too."),
        ({"to": "everybody"}, "Please choose a group."),
    ],
)
def test_what_cannot_be_sent_is_refused_with_nothing_lost(
    runtime: Runtime, coordinator: FlaskClient, typed: dict[str, str], complaint: str
) -> None:
    page = to_session(coordinator, a_full_session(runtime), "confirmed")
    page = written(
        coordinator,
        f"{NEW}?session_id={page.form('/send').fields['session_id']}",
        **({"to": "confirmed"} | typed),
    )
    assert page.response.status_code == 422
    assert complaint in page.text
    assert page.form("/preview").fields["body_fr"] == ""


def test_an_announcement_has_no_fields_of_a_session(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = written(coordinator, NEW, to="area:North", body_en="On {dates}")
    assert "There is no field {dates} here." in page.text


@pytest.mark.parametrize(
    ("typed", "to"),
    [
        ("1207", "1207 – Riverbend Hospital Workers"),
        ("riverbend hospital", "1207 – Riverbend Hospital Workers"),
        ("Area: North", "Area: North"),
        ("north", "Area: North"),
    ],
)
def test_a_local_or_an_area_is_typed_as_it_is_called(
    runtime: Runtime, coordinator: FlaskClient, typed: str, to: str
) -> None:
    member(runtime, tell_of(runtime, soon()), "Ann Lee", "1207", **AGREED)
    preview = written(coordinator, NEW, to=typed)
    assert f"To {to} Readers 1" in preview.text
    page = submit(coordinator, preview, "/write")
    assert page.form("/preview").fields["to"] == to


def test_a_name_that_nobody_has_is_refused_and_stays_in_its_field(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = written(coordinator, NEW, to="Xylophones")
    assert page.response.status_code == 422
    assert "There is no such local or area." in page.text
    assert page.form("/preview").fields["to"] == "Xylophones"


def test_a_name_that_may_be_two_locals_asks_which(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = written(coordinator, NEW, to="workers")
    assert page.response.status_code == 422
    assert "Which one do you mean: " in page.text


def test_braces_that_are_no_field_stay_text(runtime: Runtime, coordinator: FlaskClient) -> None:
    hostile = "{{7*7}} {0.__class__} <script>alert(1)</script>"
    preview = to_session(coordinator, a_full_session(runtime), "confirmed", body_en=hostile)
    assert hostile in preview.text
    assert "<script>alert" not in preview.response.text


def test_the_preview_shows_no_ones_own_link(runtime: Runtime, coordinator: FlaskClient) -> None:
    preview = to_session(coordinator, a_full_session(runtime), "confirmed", body_en="See {page}")
    assert "(the link to their own page)" in preview.text
    assert "/my/" not in preview.response.text


def test_a_test_goes_to_its_author_alone_in_both_languages(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    preview = to_session(coordinator, a_full_session(runtime), "confirmed", **FRENCH)
    page = submit(coordinator, preview, "/test")
    assert "A test is on its way to coordinator@example.org alone." in page.text
    tests = asked_for(runtime)
    assert [each["recipient"]["language"] for each in tests] == ["en", "fr"]
    assert {each["recipient"]["email"] for each in tests} == {"coordinator@example.org"}
    assert {(each["is_test"], each["registration_id"]) for each in tests} == {(True, None)}
    send(coordinator, page)
    real = {each["group_message_id"] for each in asked_for(runtime) if not each["is_test"]}
    assert not real & {each["group_message_id"] for each in tests}


def test_one_goes_back_to_writing_with_everything_there(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    body = "Hello {name}\n\n- one\n- two"
    preview = to_session(coordinator, a_full_session(runtime), "confirmed", body_en=body)
    page = submit(coordinator, preview, "/write")
    assert page.response.status_code == 200
    assert page.form("/preview").fields["body_en"].strip() == body
    assert page.form("/preview").fields["to"] == "confirmed"


def test_the_session_and_the_list_tell_of_what_was_sent(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_full_session(runtime)
    where = send(coordinator, to_session(coordinator, session_id, "confirmed"))
    text = visit(coordinator, f"/staff/sessions/{session_id}").text
    assert "message sent to a group" in text
    assert re.search(r"Coordinator.*Parking", text)
    page = visit(coordinator, "/staff/messages")
    assert where in page.links
    for said in ("Parking", "Coordinator", "Confirmed", "Grievance Handling"):
        assert said in page.text


def test_only_coordinators_and_admins_write_to_groups(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    sign_in(client, "facilitator@example.org", PASSWORD)
    for path in ("/staff/messages", NEW, f"{NEW}?session_id={session_id}"):
        assert visit(client, path).response.status_code == 403
    assert "Write to a group" not in visit(client, f"/staff/sessions/{session_id}").text


@pytest.mark.parametrize("key", ["nonsense", "018f0000-0000-7000-8000-00000000ffff"])
def test_a_session_that_is_none_is_not_found(
    runtime: Runtime, coordinator: FlaskClient, key: str
) -> None:
    assert visit(coordinator, f"{NEW}?session_id={key}").response.status_code == 404
    form = visit(coordinator, NEW).form("/preview")
    sent = form.fields | WORDS | {"to": "confirmed", "session_id": key}
    assert coordinator.post("/staff/messages/send", data=sent).status_code in (404, 422)


def test_two_hundred_are_asked_for_in_one_transaction(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=300))
    _crowd(runtime, session_id, 200)
    where = send(coordinator, to_session(coordinator, session_id, "confirmed"))
    assert len(asked_for(runtime)) == 200
    assert len(set(addresses(runtime))) == 200
    assert where


def _crowd(runtime: Runtime, session_id: UUID, count: int) -> None:
    """Many who are confirmed, written at once."""
    with runtime.database.writing() as db:
        session = db.get_one(WorkshopSession, session_id)
        for number in range(count):
            email = f"member{number}@example.org"
            person = Person(email_key=email, email=email, created_at=NOW)
            db.add(
                Registration(
                    session=session,
                    person=person,
                    organisation_name="Local 1",
                    name=f"Member {number}",
                    language="en",
                    state="confirmed",
                    arrival=number + 1,
                    joined_at=NOW,
                    fee_cents=0,
                    fee_rule="free",
                )
            )


def test_locals_without_an_area_are_no_cluster(runtime: Runtime, coordinator: FlaskClient) -> None:
    with runtime.database.writing() as db:
        db.execute(sa.update(Organisation).values(area=""))
    member(runtime, tell_of(runtime, soon()), "Alex", "1207", **AGREED)
    page = written(coordinator, NEW, to="area:")
    assert page.response.status_code == 422
    assert "There is no such local or area." in page.text
