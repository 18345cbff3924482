"""Each kind of mail in each language: whole, readable, and inert whatever people are called."""

import html as entities
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from services.notify.kinds import KINDS
from services.notify.letters.html_part import html_of as html_of_source
from services.notify.message import Mail
from tests.notify.factories import (
    Data,
    a_contact,
    a_session,
    confirmed,
    in_language,
    one_of_each_kind,
)
from tests.notify.letter_reading import Outline, compose_mail
from tests.notify.post import html_of, read, text_of

EVERY_MAIL = [(kind, language) for kind in KINDS for language in ("en", "fr")]
HOSTILE = [
    "Zoë 😀👩‍🏭",
    "محمد العربي",
    "שלום כהן",
    "<script>alert(1)</script>",
    "<b>Bold</b> & <a href='https://evil.example.org'>x</a>",
    "[click](https://evil.example.org)",
    "![x](https://evil.example.org/x.png)",
    "**strong** _emphasis_ `code` ~~gone~~",
    "# heading",
    "1. first",
    "- item",
    "> quote",
    "--- x",
    "<https://evil.example.org>",
    "{{ 7 * 7 }} {% include 'x' %}",
    "a | b \\ c",
    "&amp; &lt;",
    "Ann\\",
]


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_every_mail_is_whole_in_both_parts_and_languages(kind: str, language: str) -> None:
    mail = compose_mail(in_language(one_of_each_kind()[kind], language), kind)
    message = read(mail.internet_form)
    outline = Outline(html_of(message))
    for shown in (message["Subject"], text_of(message), outline.words):
        assert not re.search(r"[{}%]|None|undefined|_\(", shown)
        assert "  \n  \n" not in shown
    assert not outline.open
    assert not {"script", "img", "link", "iframe", "form"} & set(outline.tags)
    assert message["Content-Language"] == language
    assert len(mail.html) < 100_000
    assert f'<html lang="{language}"' in mail.html


@pytest.mark.parametrize(("kind", "language"), EVERY_MAIL)
def test_both_parts_say_the_same_in_the_same_order(kind: str, language: str) -> None:
    mail = compose_mail(in_language(one_of_each_kind()[kind], language), kind)
    seen = Outline(mail.html).words
    position = 0
    for line in mail.text.splitlines():
        wanted = " ".join(line.split()).removeprefix("• ")  # A list has its own marks in HTML.
        if wanted and wanted != "--" and not wanted.startswith("http"):
            position = seen.index(wanted, position)
    addresses = re.findall(r"https?://[^\s]+[^\s.]", mail.text)
    assert set(addresses) <= {entities.unescape(each) for each in Outline(mail.html).addresses}


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_mixes_the_languages(kind: str) -> None:
    sample = one_of_each_kind()[kind]
    english = set(re.findall(r"[^\W\d]+", _prose(compose_mail(in_language(sample, "en"), kind))))
    french = set(re.findall(r"[^\W\d]+", _prose(compose_mail(in_language(sample, "fr"), kind))))
    assert not english & {"vous", "votre", "atelier", "le", "la", "quand", "lieu", "une"}
    assert not french & {"the", "you", "your", "workshop", "please", "when", "fee", "where", "of"}


def _prose(mail: Mail) -> str:
    return re.sub(r"https?://\S+", "", f"{mail.subject}\n{mail.text}").lower()


def confirmed_with_texts(text: str) -> tuple[Any, Data]:
    words = {"en": text, "fr": text}
    session = a_session(title=words, place=text, room=text, bring=words, prerequisites=words)
    return confirmed(recipient=a_contact(name=text), session=session)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_is_and_does_nothing(name: str) -> None:
    mail = compose_mail(confirmed_with_texts(name), "confirmed")
    outline, plain = Outline(mail.html), compose_mail(confirmed_with_texts("Ann"), "confirmed")
    shown = " ".join(name.split())
    assert f"Hello {shown}," in mail.text
    assert f"Hello {shown}," in outline.words
    assert outline.tags == Outline(plain.html).tags
    assert not [each for each in outline.addresses if "evil" in each]
    subject = read(mail.internet_form)["Subject"]
    assert f"You have a place: {shown}, Saturday" in subject


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b"])
def test_a_line_break_in_a_name_or_title_adds_no_header(break_: str) -> None:
    evil = f"Ann{break_}Bcc: many@example.org"
    sample = confirmed(
        recipient=a_contact(name=evil), session=a_session(title={"en": evil, "fr": evil})
    )
    message = read(compose_mail(sample, "confirmed").internet_form)
    assert message["Bcc"] is None
    assert len(message.get_all("To")) == 1
    assert message["To"].addresses[0].addr_spec == "ann.lee@example.org"
    assert re.search("Ann ?Bcc: many@example.org", message["Subject"])


def test_direction_overrides_and_nul_bytes_are_left_out() -> None:
    sample = confirmed(recipient=a_contact(name="A\u202enn\u2066 L\x00ee"))
    mail = compose_mail(sample, "confirmed")
    assert "Hello Ann Lee," in mail.text
    assert mail.recipient.name == "Ann Lee"


def test_a_name_of_five_thousand_characters_is_cut_in_the_header_only() -> None:
    mail = compose_mail(confirmed(recipient=a_contact(name="x" * 5000)), "confirmed")
    assert len(mail.recipient.name) == 70
    assert "x" * 5000 in mail.text


def test_the_headers_keep_robots_quiet_and_the_id_stable() -> None:
    mail = compose_mail(confirmed(), "confirmed")
    message = read(mail.internet_form)
    assert message["From"] == "Turnout <no-reply@turnout.test>"
    assert message["Message-ID"] == f"<{mail.id}@turnout.test>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert message["Date"] == "Tue, 10 Feb 2026 15:00:00 +0000"


@pytest.mark.parametrize(
    "source",
    [
        "Hello\n\n- **When**\n  Monday\\\n  Tuesday\n- **Where**\n  Hall\n\n[See](<https://x.org>)",
        "- one\n- two\n\n- three\n\n  and more of it\n\nThe end",
        "> a word\n\n> another\n\n\\- no list\n\n# no\n\nwords",
        "",
    ],
)
def test_a_letter_written_block_by_block_is_the_one_written_at_once(source: str) -> None:
    assert html_of_source(source) == MarkdownIt("commonmark", {"html": False}).render(source)
