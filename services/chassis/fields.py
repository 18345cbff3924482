"""Fields for what people type: cleaned, bounded, with messages in the reader's language."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, time
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import LazyString, lazy_gettext
from marshmallow import RAISE, Schema, ValidationError, fields, validate

HIGHEST_FEE_CENTS = 1_000_000
LONGEST_EMAIL = 254
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
_LINE_ENDS = str.maketrans({"\r": "\n", "\u2028": "\n", "\u2029": "\n"})
_DIRECTION_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_NOT_IN_XML = "\ufffe\uffff"
_UNFIT = frozenset(_DIRECTION_OVERRIDES + _NOT_IN_XML)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
_WHOLE = re.compile(r"\s*[+-]?\d{1,10}\s*", re.ASCII)
_DOLLARS = re.compile(r"\s*\$?\s*(\d{1,6})(?:[.,](\d{1,2}))?\s*\$?\s*")
_NEEDED = lazy_gettext("Please fill this in.")


class Input(Schema):
    """Something a person or a program sends; what it does not know is refused."""

    class Meta:
        """A misspelt field must not be dropped in silence."""

        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow's own way
        "unknown": lazy_gettext("There is no such field."),
        "type": lazy_gettext("This must be an object with fields."),
    }


def _messages(invalid: LazyString) -> dict[str, Any]:
    wrong = dict.fromkeys(("validator_failed", "invalid", "invalid_uuid"), invalid)
    return {"required": _NEEDED, "null": _NEEDED, **wrong}


def _described(most: int, *, lines: bool, needed: bool) -> dict[str, Any]:
    """What the description of the API says of a text; outer white space is taken away."""
    space = r"\t-\r\x1c- \x85\xa0"
    unfit = r"\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff"
    fit = f"[^{unfit}]*" if lines else rf"[^{unfit}\t-\r\x85\u2028\u2029]*"
    seen = rf"[^{unfit}\s\x85\u200b\u2060\ufeff]{fit}" if needed else ""
    return {"maxLength": most, "pattern": f"^[{space}]*{fit}{seen}[{space}]*$"}


class Text(fields.String):
    """Text in NFC without control characters; `lines` allows more than one line."""

    default_error_messages = _messages(lazy_gettext("This must be text."))

    def __init__(self, most: int, *, lines: bool = False, **options: Any) -> None:
        self._most, self._lines = most, lines
        metadata = _described(most, lines=lines, needed=options.get("required", False))
        metadata |= options.pop("metadata", {})
        super().__init__(**options, metadata=metadata)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        text = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
        text = text.replace("\r\n", "\n").translate(_LINE_ENDS)
        if len(text) > self._most:
            message = lazy_gettext(
                "This is too long: at most %(most)d characters.", most=self._most
            )
            raise ValidationError(message)
        text = text.strip()
        if any(self._is_unfit(each) for each in text):
            raise ValidationError(
                lazy_gettext("This has characters that cannot be shown. Please type it again.")
            )
        if self.required and not text:
            raise self.make_error("required")
        return text

    def _is_unfit(self, character: str) -> bool:
        if character in "\n\t":
            return not self._lines
        return character in _UNFIT or unicodedata.category(character) in ("Cc", "Cs")


class Email(Text):
    """Exactly one address that mail can be sent to; deliverability is not asked of the net."""

    default_error_messages = _messages(
        lazy_gettext("This is not an e-mail address, such as name@example.org.")
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(LONGEST_EMAIL, **options)
        self.metadata = {"format": "email", "maxLength": LONGEST_EMAIL} | options.get(
            "metadata", {}
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return text
        try:
            found = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError as problem:
            raise self.make_error("invalid") from problem
        if len(found.normalized.casefold()) > LONGEST_EMAIL:
            raise self.make_error("invalid")  # Addresses are looked up without regard to case.
        return found.normalized


class Phone(Text):
    """A telephone number, Canadian unless it begins with +; kept in E.164."""

    def __init__(self, **options: Any) -> None:
        super().__init__(40, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return text
        try:
            number = phonenumbers.parse(text, "CA")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValidationError(
                lazy_gettext("This is not a telephone number, such as 416 555-0142.")
            )
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Choice(fields.String):
    """One of some words."""

    def __init__(self, options: Sequence[str], **rest: Any) -> None:
        message = lazy_gettext("Please choose one of the answers.")
        super().__init__(validate=validate.OneOf(options, error=message), **rest)

    default_error_messages = _messages(lazy_gettext("Please choose one of the answers."))


class Whole(fields.Integer):
    """A whole number within bounds; forms send its digits as text."""

    default_error_messages = _messages(lazy_gettext("This must be a whole number."))

    def __init__(self, least: int, most: int, **options: Any) -> None:
        message = lazy_gettext("This must be from %(least)d to %(most)d.", least=least, most=most)
        super().__init__(
            validate=validate.Range(least, most, error=message),
            metadata={"type": ["integer", "string"]},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        broken = isinstance(value, float) and not value.is_integer()
        if broken or (isinstance(value, str) and not _WHOLE.fullmatch(value)):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class DayField(fields.Date):
    """A date, as 2026-02-28."""

    default_error_messages = _messages(lazy_gettext("This is not a date, such as 2026-02-28."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class ClockTime(fields.Time):
    """A time of day, as 09:00."""

    default_error_messages = _messages(lazy_gettext("This is not a time of day, such as 09:00."))

    def __init__(self, **options: Any) -> None:
        metadata = {"pattern": f"^{_CLOCK_TIME.pattern}$"}
        super().__init__(format="%H:%M", metadata=metadata, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
        if not isinstance(value, str) or not _CLOCK_TIME.fullmatch(value):
            raise self.make_error("invalid")
        return super()._deserialize(
            value.rpartition(":")[0] if value.count(":") == 2 else value, attr, data, **kwargs
        )


class Flag(fields.Boolean):
    """Yes or no; a box that is not ticked is no. Forms send one of the words."""

    default_error_messages = _messages(lazy_gettext("Please answer yes or no."))
    truthy = {True, "true", "True", "yes", "on", "1"}  # noqa: RUF012 - marshmallow's own way
    falsy = {False, "false", "False", "no", "off", "0"}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        words = sorted(each for each in self.truthy | self.falsy if isinstance(each, str))
        nothing = [None] if options.get("allow_none") else []
        described = options.pop("metadata", {}) | {
            "type": ["boolean", "integer", "string"],
            "enum": [True, False, 1, 0, *words, *nothing],
        }
        super().__init__(**({"load_default": False, "metadata": described} | options))


class Identifier(fields.UUID):
    """One of our ids."""

    default_error_messages = _messages(lazy_gettext("This is not one of our identifiers."))


class Dollars(fields.Field[int]):
    """An amount as people write it (25, 25.50, 25,50 $); whole cents in code."""

    default_error_messages = _messages(
        lazy_gettext("This is not an amount in dollars, such as 25 or 25.50.")
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"metadata": {"type": ["string", "number"]}} | options))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = _DOLLARS.fullmatch(str(value)) if isinstance(value, str | int | float) else None
        if found is None:
            raise self.make_error("invalid")
        cents = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        if cents > HIGHEST_FEE_CENTS:
            raise self.make_error("invalid")
        return cents

    def _serialize(
        self, value: int | None, attr: str | None, obj: Any, **kwargs: Any
    ) -> str | None:
        return None if value is None else f"{value // 100}.{value % 100:02d}"
