"""The wire form of a mail: what any mail server takes, and any mail program reads as it was."""

import re
from collections.abc import Callable

import pytest

from services.chassis.ids import new_id
from services.notify.letterhead import letterhead_with
from services.notify.message import Mail, Mailbox
from tests.notify.factories import (
    NOW,
    Data,
    a_contact,
    cancelled,
    confirmed,
    in_language,
    moved,
    roster,
)
from tests.notify.letter_reading import compose_mail
from tests.notify.post import files_of, html_of, read, text_of

LONG = "Ænima Ōsaka-Çelik 工会 🦉 " * 4


def a_mail(**but: object) -> Mail:
    said: dict[str, object] = {
        "id": new_id(),
        "written_at": NOW,
        "sender": Mailbox("Turnout", "no-reply@example.org"),
        "recipient": Mailbox("Ann Lee", "ann.lee@example.org"),
        "language": "en",
        "subject": "News",
        "text": "Hello.\n",
        "html": "<p>Hello.</p>",
    }
    return Mail(**said | but)  # type: ignore[arg-type]


def headers_of(mail: Mail) -> bytes:
    return mail.internet_form.partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("sample", "kind"),
    [(confirmed, "confirmed"), (cancelled, "cancelled"), (moved, "moved"), (roster, "roster")],
)
def test_any_server_takes_it_and_what_is_read_is_what_was_written(
    sample: Callable[..., tuple[object, Data]], kind: str, language: str
) -> None:
    told = in_language(sample(recipient=a_contact(name=LONG)), language)
    mail = compose_mail(told, kind, letterhead=letterhead_with(sender_name="Éducation"))
    content = mail.internet_form
    assert content.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", content)
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = read(content)
    assert text_of(message).splitlines() == mail.text.splitlines()
    assert html_of(message).splitlines() == mail.html.splitlines()
    assert message["Subject"] == mail.subject
    # The standard library reads a blank between two encoded words of a name, against RFC 2047.
    shown = message["To"].addresses[0].display_name
    assert shown.replace(" ", "") == mail.recipient.name.replace(" ", "")
    files = {each.filename: each.content for each in mail.attachments}
    assert {name: files_of(message)[name] for name in files} == files


def test_lines_with_encoded_words_are_as_short_as_they_have_to_be() -> None:
    mail = a_mail(subject=LONG, recipient=Mailbox(LONG.strip()[:70], f"{'a' * 60}@example.org"))
    encoded = [line for line in headers_of(mail).split(b"\r\n") if b"=?" in line]
    assert len(encoded) > 4
    assert max(map(len, encoded)) <= 76


@pytest.mark.parametrize("name", ["A. Lee", "Lee (Ann)", 'Ann [x] "Lee"', "Ann\\Lee"])
def test_a_name_with_signs_that_mean_something_in_a_header_is_quoted(name: str) -> None:
    message = read(a_mail(recipient=Mailbox(name, "ann@example.org")).internet_form)
    (address,) = message["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "ann@example.org")


def test_an_address_in_other_letters_is_written_as_it_is() -> None:
    mail = a_mail(recipient=Mailbox("Zoé", "zoé@example.org"), subject="À l’été")
    assert "To: Zoé <zoé@example.org>\r\nSubject: À l’été".encode() in headers_of(mail)


def test_a_line_that_is_too_long_for_a_server_is_broken_and_read_as_one() -> None:
    text = f"{'word ' * 400}\n.\n\nFrom here\n"
    mail = a_mail(text=text)
    assert max(map(len, mail.internet_form.split(b"\r\n"))) <= 998
    assert text_of(read(mail.internet_form)).splitlines() == text.splitlines()


def test_a_mailbox_on_two_lines_is_none() -> None:
    with pytest.raises(ValueError, match="one line"):
        Mailbox("Ann\r\nBcc: many@example.org", "ann@example.org")


def test_each_attempt_at_a_mail_has_the_same_form() -> None:
    mail_id = new_id()
    assert a_mail(id=mail_id).internet_form == a_mail(id=mail_id).internet_form
