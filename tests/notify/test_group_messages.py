"""Messages to a group: worded as staff wrote them, inert, true, and once to each reader."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.chassis.ids import new_id
from services.chassis.links import Links
from services.chassis.service import Runtime
from services.notify.suppressions import UNSUBSCRIBED, suppress
from services.notify.truth import PLACE_ENDED, REGISTRATION_ENDED
from tests.notify.factories import (
    NOW,
    Data,
    a_contact,
    a_session,
    announcement,
    cancelled,
    confirmed,
    group_message,
    moved,
    session_cancelled,
    waitlisted,
)
from tests.notify.letter_reading import Outline, compose_mail
from tests.notify.post import deliveries, html_of, mailed, receive, states, text_of

KIND = "group_message"


def written(body: str, subject: str = "News", **but: object) -> tuple[str, Outline]:
    """The text and the HTML of a message with these words."""
    words = {"subject": {"en": subject, "fr": ""}, "body": {"en": body, "fr": ""}}
    mail = compose_mail(group_message(**words | but), KIND)
    return mail.text, Outline(mail.html)


def test_the_fields_are_filled_in_for_the_reader_in_their_language() -> None:
    body = {"en": "{name}, {local}", "fr": "{name} : {workshop}, {dates}, {place} – {page}"}
    sample = group_message(body=body, recipient=a_contact(name="Zoé", language="fr"))
    mail = compose_mail(sample, KIND)
    assert "Zoé : Formation syndicale, 1re partie, du samedi 28 février" in mail.text
    assert "Lakeside Community Hall, Thunder Bay, Room 2 – http://turnout.test/my/" in mail.text
    assert mail.subject.startswith("Stationnement, Lakeside Community Hall")
    assert "Jo Tremblay vous écrit au sujet de votre inscription" in mail.text


def test_text_that_looks_like_a_template_or_like_notation_stays_text() -> None:
    hostile = "{{7*7}} {0.__class__} {% include 'x' %} {unknown} <b>x</b> [a](https://evil.example)"
    text, html = written(hostile, subject="{{7*7}} {0.__class__}")
    assert hostile in text
    assert hostile in html.words
    assert "b" not in html.tags
    assert "News" not in html.words
    assert "{{7*7}} {0.__class__}" in html.words


def test_paragraphs_lines_lists_and_addresses_are_what_they_look_like() -> None:
    text, html = written(
        "First line\nsecond line\n\n- one\n- two\nSee https://example.org/a?b=1, or "
        "http://plain.example.org and https://good@evil.example.org.\n\n\n\n# not a heading"
    )
    assert "First line\nsecond line\n\n• one\n• two\n\nSee https://example.org/a?b=1, or" in text
    assert html.tags.count("li") >= 2
    assert "https://example.org/a?b=1" in html.addresses
    assert not [each for each in html.addresses if "plain.example.org" in each or "evil" in each]
    assert "# not a heading" in html.words


def test_an_address_in_somebodys_name_is_no_link() -> None:
    _text, html = written("Hello {name}!", recipient=a_contact(name="https://evil.example.org"))
    assert "Hello https://evil.example.org!" in html.words
    assert not [each for each in html.addresses if "evil" in each]


def test_a_line_break_in_a_field_adds_no_header_and_no_paragraph() -> None:
    mail = compose_mail(
        group_message(
            subject={"en": "For {name}", "fr": ""},
            recipient=a_contact(name="Ann\r\nBcc: many@example.org"),
        ),
        KIND,
    )
    assert mail.subject == "For Ann Bcc: many@example.org"


def test_each_reader_gets_one_mail_however_often_it_is_asked_for(runtime: Runtime) -> None:
    for number in range(3):
        asked = group_message(registration_id=new_id(), recipient=_reader(number))
        for _ in range(2):
            receive(runtime, asked)
    receive(runtime, announcement(recipient=_reader(1)))
    receive(runtime, announcement(recipient=_reader(1, email="MEMBER1@example.org")))
    assert len(mailed(runtime)) == 4
    assert {each.batch_id for each in deliveries(runtime)} == {_id("aa")}


def test_a_test_goes_out_as_often_as_it_is_asked_for_and_says_so(runtime: Runtime) -> None:
    for _ in range(2):
        receive(runtime, group_message(is_test=True, registration_id=None, status=""))
    letters = mailed(runtime)
    assert len(letters) == 2
    assert letters[0]["Subject"].startswith("Test: Parking at")
    assert "This is a test, sent to you alone." in text_of(letters[0])
    assert "/my/" not in text_of(letters[0]) + html_of(letters[0])


def test_an_announcement_says_why_one_gets_it_and_how_to_stop(runtime: Runtime) -> None:
    receive(runtime, announcement())
    [letter] = mailed(runtime)
    [delivery] = deliveries(runtime)
    assert (delivery.stream, delivery.session_id) == ("announcement", None)
    way_out = Links(runtime.settings).unsubscribe(delivery.id)
    assert way_out in text_of(letter)
    assert way_out in Outline(html_of(letter)).addresses
    assert "you agreed" in text_of(letter)
    assert letter["Subject"] == "A new course for Local 1204"


def test_a_message_about_a_registration_has_no_way_to_be_cut_off(runtime: Runtime) -> None:
    receive(runtime, group_message())
    [letter] = mailed(runtime)
    assert "unsubscribe" not in text_of(letter) + str(letter["List-Unsubscribe"])


@pytest.mark.parametrize(
    ("then", "why"),
    [
        (cancelled(), PLACE_ENDED),
        (session_cancelled(), REGISTRATION_ENDED),
        (moved(), REGISTRATION_ENDED),
    ],
    ids=["cancelled", "session cancelled", "moved"],
)
def test_a_place_that_has_ended_meanwhile_is_not_written_to(
    runtime: Runtime, then: tuple[object, Data], why: str
) -> None:
    receive(runtime, group_message(), sequence=2)
    receive(runtime, then, sequence=3)  # type: ignore[arg-type]
    mailed(runtime)
    [message] = [each for each in deliveries(runtime) if each.kind == KIND]
    assert (message.state, message.error) == ("superseded", why)


def test_who_waited_and_is_confirmed_by_then_still_gets_what_was_sent_to_all(
    runtime: Runtime,
) -> None:
    receive(runtime, waitlisted(), sequence=1)
    receive(runtime, group_message(status="waiting"), sequence=2)
    receive(runtime, confirmed(), sequence=3)
    mailed(runtime)
    assert (KIND, "accepted") in states(runtime)


def test_those_whose_place_had_ended_before_are_written_to(runtime: Runtime) -> None:
    receive(runtime, session_cancelled(), sequence=2)
    receive(runtime, group_message(status="cancelled"), sequence=3)
    mailed(runtime)
    assert (KIND, "accepted") in states(runtime)


def test_a_message_tells_the_date_as_it_is_by_the_time_it_goes_out(runtime: Runtime) -> None:
    receive(runtime, group_message(body={"en": "Come on {dates}!", "fr": ""}), sequence=1)
    later = a_session(calendar_sequence=4)
    later["days"] = [
        each | {"date": each["date"].replace(month=5, day=2)} for each in later["days"]
    ]
    receive(runtime, confirmed(session=later), sequence=2)
    assert any("2 May 2026" in text_of(each) for each in mailed(runtime) if _is_message(each))


@pytest.mark.parametrize(("agreed_after", "count"), [(-1, 0), (1, 1)])
def test_who_unsubscribed_is_told_again_only_once_they_have_agreed_anew(
    runtime: Runtime, agreed_after: int, count: int
) -> None:
    address = a_contact()["email"]
    with runtime.database.writing() as db:
        suppress(db, address, stream="announcement", reason=UNSUBSCRIBED, now=NOW)
    receive(runtime, announcement(agreed_at=NOW + timedelta(days=agreed_after)))
    assert len(mailed(runtime)) == count


def test_who_unsubscribed_once_more_after_agreeing_anew_is_left_in_peace(runtime: Runtime) -> None:
    for days in (0, 2):
        with runtime.database.writing() as db:
            refused = NOW + timedelta(days=days)
            address = a_contact()["email"]
            suppress(db, address, stream="announcement", reason=UNSUBSCRIBED, now=refused)
    receive(runtime, announcement(agreed_at=NOW + timedelta(days=1)))
    assert mailed(runtime) == []


def test_news_of_ones_own_place_does_not_wait_behind_a_message_to_many(runtime: Runtime) -> None:
    for number in range(3):
        receive(runtime, group_message(registration_id=new_id(), recipient=_reader(number)))
    receive(runtime, confirmed(), at=NOW + timedelta(minutes=1))
    mailed(runtime, NOW + timedelta(minutes=1))
    first, *_later = sorted(deliveries(runtime), key=lambda each: str(each.accepted_at))
    assert first.kind == "confirmed"


def _is_message(letter: object) -> bool:
    return str(letter["Subject"]).startswith("Parking")  # type: ignore[index]


def _reader(number: int, **but: str) -> Data:
    return a_contact(email=f"member{number}@example.org", **but) if not but else a_contact(**but)


def _id(end: str) -> UUID:
    return UUID(f"018f0000-0000-7000-8000-0000000000{end}")
