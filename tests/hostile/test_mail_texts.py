"""Every text of the corpora in the mails that carry it: as it was, in one header, never run."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from icalendar import Calendar

from services.notify.message import LONGEST_NAME, Mail, name_in_header
from tests.hostile.corpora.everything import as_kept, as_read, some
from tests.hostile.corpora.headers import HEADER_INJECTIONS
from tests.hostile.corpora.scripts import SCRIPTS
from tests.hostile.effort import LONG, report
from tests.hostile.markup import Markup
from tests.notify.factories import Data, a_contact, a_session, about, confirmed, group_message
from tests.notify.letter_reading import compose_mail

LONGEST = 200
LONGEST_IN_SUBJECT = 60
"""Of a title; the rest is left out, with an ellipsis."""


def texts(one_in: int) -> list[str]:
    """What the forms let through into a name, a title or a place."""
    kept = [as_kept(text) for text in some(one_in) if "\n" not in as_kept(text)]
    fit = [text for text in kept if text and len(text) <= LONGEST and text.isprintable()]
    return list(dict.fromkeys(fit))


def words(text: str) -> dict[str, str]:
    return {"en": text, "fr": text}


def a_mail(text: str, folder: Path) -> Mail:
    session = a_session(title=words(text), place=text, room=text, bring=words(text))
    told: Data = confirmed(recipient=a_contact(name=text), session=session)[1]
    return compose_mail((confirmed()[0], told), "confirmed", folder)


def read(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.internet_form, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert message.defects == []
    return message


def test_a_confirmation_holds_each_text_where_it_belongs(tmp_path: Path) -> None:
    tried = texts(one_in=23)
    for text in tried:
        mail = a_mail(text, tmp_path)
        message, shown = read(mail), as_read(text)
        [recipient] = message["To"].addresses
        assert recipient.addr_spec == "ann.lee@example.org", text
        # The standard library breaks a long word of accented letters by a space.
        same = [name.replace(" ", "") for name in (recipient.display_name, name_in_header(text))]
        assert same[0] == same[1], text
        in_short = shown.replace("=?", "= ?")[:LONGEST_IN_SUBJECT]
        assert in_short.replace(" ", "") in message["Subject"].replace(" ", ""), text
        assert shown in as_read(part(message, "plain")), text
        page = Markup(part(message, "html"))
        assert page.dangers == [], text
        assert shown in page.text, text
        assert in_calendar(message) == (as_read(text), True), text
    report("texts in a mail", len(tried))


def in_calendar(message: EmailMessage) -> tuple[str, bool]:
    """The title of the first event, and whether each event has the same."""
    [found] = [each for each in message.walk() if each.get_content_type() == "text/calendar"]
    content = found.get_payload(decode=True)
    titles = {
        as_read(as_kept(str(event["SUMMARY"])))
        for event in Calendar.from_ical(content).walk("VEVENT")
    }
    return min(titles), len(titles) == 1


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("text", HEADER_INJECTIONS)
def test_no_text_adds_a_header_or_a_reader_even_where_a_form_was_passed_by(
    text: str, tmp_path: Path
) -> None:
    message = read(a_mail(text, tmp_path))
    assert [each.addr_spec for each in message["To"].addresses] == ["ann.lee@example.org"]
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert "\n" not in message["Subject"]
    assert len(message["To"].addresses[0].display_name) <= LONGEST_NAME


def test_what_staff_write_to_a_group_stays_text(tmp_path: Path) -> None:
    tried = [as_kept(text) for text in some(one_in=23) if is_message(as_kept(text))]
    for text in tried:
        sample = group_message(body=words(text), subject=words(f"About {text}"))
        message = read(compose_mail(sample, "group_message", tmp_path))
        page = Markup(part(message, "html"))
        assert page.dangers == [], text
        assert "49" not in part(message, "plain").replace(text, ""), text
    report("texts in a group message", len(tried))


def is_message(text: str) -> bool:
    return bool(text) and text.isprintable() and len(text) <= LONGEST


def test_no_script_runs_in_a_mail_whichever_field_it_came_by(tmp_path: Path) -> None:
    for text in SCRIPTS if LONG else SCRIPTS[::5]:
        session = a_session(title=words(text), place=text, bring=words(text))
        told = about(recipient=a_contact(name=text), session=session)
        page = Markup(
            part(read(compose_mail((confirmed()[0], told), "confirmed", tmp_path)), "html")
        )
        assert page.dangers == [], text
    report("scripts in a mail", len(SCRIPTS))
