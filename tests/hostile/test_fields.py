"""Every field of every form and of the API, before every text of the corpora."""

import importlib
import pkgutil
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from flask import Flask
from flask_babel import force_locale
from marshmallow import Schema, ValidationError, fields

import services
from services.chassis.fields import ClockTime, DayField, Email, Input, Phone, Text
from services.chassis.i18n import set_up_languages
from services.notify.letterhead_form import Colour
from services.registration.schemas import SignUpHeaders
from tests.hostile.corpora.addresses import BAD, GOOD
from tests.hostile.corpora.dates import DAYLIGHT_SAVING_DAYS, NOT_DAYS, NOT_HOURS, OTHER_DAYS
from tests.hostile.corpora.everything import as_kept, some
from tests.hostile.corpora.headers import HEADER_INJECTIONS
from tests.hostile.corpora.names import NAMES
from tests.hostile.effort import report

CHANGED_ON_PURPOSE = (Email, Phone, Colour)
"""What these keep has another form than what was typed; the tests of each hold it."""


def _load_all_services() -> None:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)


def kinds(start: type[Schema]) -> Iterator[type[Schema]]:
    for each in start.__subclasses__():
        yield each
        yield from kinds(each)


def inner(field: fields.Field) -> Iterator[fields.Field]:
    """The field, and those within a list; what is nested has a schema of its own."""
    yield field
    if isinstance(field, fields.List):
        yield from inner(field.inner)


def every_field() -> list[tuple[str, fields.Field]]:
    _load_all_services()
    return [
        (f"{schema.__module__}.{schema.__name__}.{name}", each)
        for schema in (*kinds(Input), SignUpHeaders)
        if schema.__module__.startswith("services.")
        for name, field in schema().fields.items()
        for each in inner(field)
        if not isinstance(each, fields.List | fields.Nested)
    ]


FIELDS = every_field()
TEXTS = [(name, field) for name, field in FIELDS if isinstance(field, Text)]


@pytest.fixture
def reader() -> Iterator[None]:
    """Somebody to tell, so that messages are in a language."""
    app = Flask(__name__)
    set_up_languages(app)
    with app.test_request_context():
        yield


def refusal(field: fields.Field, text: str) -> str:
    """Why a text is refused, in the language in force; empty when it is taken."""
    try:
        field.deserialize(text)
    except ValidationError as problem:
        return " ".join(str(each) for each in problem.messages)
    return ""


def test_the_fields_are_found() -> None:
    assert len(TEXTS) > 60
    assert {name.split(".")[1] for name, _ in TEXTS} >= {"catalog", "registration", "notify"}


@pytest.mark.usefixtures("reader")
def test_every_text_is_kept_as_it_was_or_refused_in_the_readers_language() -> None:
    tried = 0
    for name, field in FIELDS:
        for text in some(one_in=23):
            tried += 1
            if not refusal(field, text):
                assert is_kept(field, text), (name, text)
                continue
            said = {}
            for language in ("en", "fr"):
                with force_locale(language):
                    said[language] = refusal(field, text)
            assert said["en"] != said["fr"], (name, text, said)
    report("texts into fields", tried, fields=len(FIELDS))


def is_kept(field: fields.Field, text: str) -> bool:
    found = field.deserialize(text)
    if isinstance(field, CHANGED_ON_PURPOSE) or not isinstance(found, str):
        return True
    if not isinstance(field, Text):
        return bool(found == text)
    return (
        found == as_kept(text)
        and unicodedata.is_normalized("NFC", found)
        and field.deserialize(found) == found
    )


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\u202eabc", "\x1b[31m", "\uffff"])
def test_no_text_takes_what_a_database_or_a_document_cannot_hold(text: str) -> None:
    taken = [name for name, field in TEXTS if not refusal(field, f"a{text}b")]
    assert taken == []


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("text", [each for each in HEADER_INJECTIONS if set(each) & set("\r\n\0")])
def test_no_field_of_one_line_takes_a_second(text: str) -> None:
    taken = [
        name for name, field in TEXTS if not field._lines and not refusal(field, f"{text} more")
    ]
    assert taken == []


@pytest.mark.usefixtures("reader")
def test_each_name_of_the_world_can_be_given() -> None:
    name = Text(200, required=True)
    assert [each for each in NAMES if name.deserialize(each) != as_kept(each)] == []


@pytest.mark.usefixtures("reader")
def test_good_addresses_are_taken_and_bad_ones_refused() -> None:
    address = Email(required=True)
    assert [each for each in GOOD if refusal(address, each)] == []
    assert [each for each in BAD if not refusal(address, each)] == []


@pytest.mark.usefixtures("reader")
def test_days_and_hours_are_what_they_say_or_refused() -> None:
    day, hour = DayField(), ClockTime()
    for each in (*DAYLIGHT_SAVING_DAYS, *OTHER_DAYS):
        assert day.deserialize(each.isoformat()) == each
    assert hour.deserialize("02:30") == time(2, 30)
    assert [each for each in NOT_DAYS if not refusal(day, each)] == []
    assert [each for each in NOT_HOURS if not refusal(hour, each)] == []
    assert isinstance(day.deserialize("2028-02-29"), date)
    assert not isinstance(day.deserialize("2028-02-29"), datetime)
