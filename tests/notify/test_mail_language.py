"""Each mail is in its reader's language: every word of it, in all its parts and files."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from icalendar import Calendar
from pypdf import PdfReader

from services.notify.kinds import KINDS
from services.notify.letterhead import letterhead_with
from services.notify.message import Mail
from services.notify.samples import Data, sample, sample_session
from tests.notify.letter_reading import Outline, compose_mail
from tests.notify.mail_templates import MAIL, names, parsed, said
from tests.notify.vocabulary import foreign_words, vocabulary

LANGUAGES = ("en", "fr")
LATE = timedelta(hours=3)
SIGNED = letterhead_with(
    reply_to="formation@example.org", signature_en="The committee", signature_fr="Le comité"
)
ONLINE = {"online": True, "place": "", "room": ""}
LINK = "https://meet.example.org/a_b-c"

CHANGES = (
    *("signed_up", "confirmed", "offered", "declined", "lapsed", "cancelled", "left", "closed"),
    *("moved_away", "moved_here", "rescheduled", "capacity_changed", "session_cancelled"),
)

Change = Callable[[str], Data]


def session(**but: Any) -> Change:
    return lambda language: {"session": sample_session(language, **but)}


def facts(**but: Any) -> Change:
    return lambda _language: but


def with_prerequisites(language: str) -> Data:
    words = {"en": "Level one", "fr": "Le premier niveau"}
    return {"session": sample_session(language, prerequisites=words, language="bilingual")}


def to_join_by_phone(language: str) -> Data:
    phone = {"en": "Call 416 555-0142", "fr": "Composez le 416 555-0142"}[language]
    return {"session": sample_session(language, join_link=phone, **ONLINE), "fee_cents": 0}


def hours_unknown(language: str) -> Data:
    days = [day | {"starts": None, "ends": None} for day in sample_session(language)["days"]]
    other = "fr" if language == "en" else "en"
    return {"session": sample_session(language, days=days, language=other)}


def later_online(language: str) -> Data:
    data = sample("closed", language)[1]
    return {"next_sessions": [each | ONLINE for each in data["next_sessions"]]}


def another_place(language: str) -> Data:
    data = sample("notice_changed", language)[1]
    session = data["session"] | {"days": sample_session(language)["days"]}
    return {"session": session, "status": "offered"}


def other_hours(language: str) -> Data:
    before = sample("notice_changed", language)[1]["before"]
    days = [day | {"starts": None} for day in before["days"]]
    return {"session": sample_session(language, days=days), "status": "waiting"}


VARIANTS: dict[str, tuple[Change, ...]] = {
    "confirmed": (with_prerequisites, to_join_by_phone, hours_unknown, session(**ONLINE)),
    "waitlisted": (facts(place=1), facts(auto_confirm=True)),
    "cancelled": (facts(by="member"), facts(status="left", by="member", message="")),
    "moved": (facts(status="waiting"), lambda each: {"previous_session": _online(each)}),
    "closed": (facts(next_sessions=[]), later_online),
    "repeated": (facts(status="confirmed"), facts(status="offered"), facts(place=1)),
    "notice_changed": (
        another_place,
        other_hours,
        lambda each: {"before": sample("notice_changed", each)[1]["before"] | ONLINE},
        session(join_link=LINK),
    ),
    "link_to_data": (facts(request="export"),),
    "roster": (
        facts(occasion="day_before", attached=False),
        facts(occasion="after_close"),
        session(join_link=LINK, **ONLINE),
        facts(occasion="on_demand", lines=[], with_needs=0, attached=False),
    ),
    "digest": (
        lambda each: {"sessions": [_with_all_changes(each, 1)], "open_tasks": 1},
        lambda each: {"sessions": [_with_all_changes(each, 2)] * 2, "open_tasks": 2},
        facts(open_tasks=0),
    ),
    "group_message": (
        facts(is_test=True),
        facts(stream="announcement", session=None, registration_id=None, status=""),
    ),
}
"""What the sample of a kind does not show, so that each branch of each template is read."""


def _online(language: str) -> Data:
    return sample_session(language, **ONLINE)


def _with_all_changes(language: str, number: int) -> Data:
    session: Data = sample("digest", language)[1]["sessions"][0]
    seats = dict.fromkeys(("confirmed", "offered", "waiting"), number)
    return session | seats | {"changes": dict.fromkeys(CHANGES, number)}


@cache
def every_mail(language: str) -> tuple[Mail, ...]:
    return tuple(_written(language))


def _written(language: str) -> Iterator[Mail]:
    for kind in KINDS:
        contract, data = sample(kind, language)
        for change in (facts(), *VARIANTS.get(kind, ())):
            changed = contract, data | change(language)
            yield compose_mail(changed, kind)
            yield compose_mail(changed, kind, letterhead=SIGNED, late=LATE)


def all_that_is_read(mail: Mail) -> str:
    """Subject, both parts, the files and their names, as their readers' programs show them."""
    files = [*mail.attachments, *([mail.calendar] if mail.calendar else [])]
    parts = [mail.subject, mail.text, Outline(mail.html).words, mail.sender.name]
    return "\n".join([*parts, *(f"{each.filename}\n{_inside(each.content)}" for each in files)])


def _inside(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    shown = ("summary", "description", "location")
    parts = Calendar.from_ical(content).walk()
    return "\n".join(str(part[name]) for part in parts for name in shown if name in part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_has_a_word_of_the_other_language(language: str) -> None:
    for mail in every_mail(language):
        assert foreign_words(all_that_is_read(mail), language) == set(), mail.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_every_template_was_read_for_that(language: str) -> None:
    read = " ".join(
        " ".join(f"{each.subject}\n{each.text}".split()) for each in every_mail(language)
    )
    unread = [
        (name, text)
        for name in sorted(names(MAIL, language))
        for text in said(parsed(MAIL, language, name))
        for line in text.splitlines()
        if " ".join(line.split()) not in read
    ]
    assert unread == []


@pytest.mark.parametrize(
    ("language", "planted", "words"),
    [
        ("fr", "Bring your pen to the workshop", {"bring", "your", "the", "workshop"}),
        ("fr", "Salle 2, on Saturday", {"saturday"}),
        ("en", "Votre place est confirmée", {"votre", "est", "confirmée"}),
        ("en", "le samedi 3 mai", {"le", "samedi"}),
    ],
)
def test_a_planted_word_is_found_wherever_it_stands(
    language: str, planted: str, words: set[str]
) -> None:
    both = {"en": planted, "fr": planted}
    contract, data = sample("confirmed", language)
    for session in (
        data["session"] | {"title": both},
        data["session"] | {"bring": both},
        data["session"] | {"place": planted},
    ):
        mail = compose_mail((contract, data | {"session": session}), "confirmed")
        assert words <= foreign_words(all_that_is_read(mail), language)
        for file in mail.attachments:
            assert words <= foreign_words(_inside(file.content), language)
    contract, data = sample("roster", language)
    (sheet,) = compose_mail((contract, data | {"host": planted}), "roster").attachments
    assert words <= foreign_words(_inside(sheet.content), language)


def test_the_vocabularies_are_those_of_the_mails() -> None:
    assert {"the", "you", "workshop", "waiting", "february", "wednesday"} <= vocabulary("en")
    assert {"vous", "atelier", "place", "février", "mercredi", "est"} <= vocabulary("fr")
    assert not {"the", "you", "workshop", "offered", "confirmed"} & vocabulary("fr")
    assert not {"vous", "atelier", "votre"} & vocabulary("en")
