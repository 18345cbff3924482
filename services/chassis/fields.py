"""Fields for what people type: cleaned, bounded, with messages in the reader's language."""

import unicodedata
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
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


class Text(fields.String):
    """Text in NFC without control characters; `lines` allows more than one line."""

    default_error_messages = _messages(lazy_gettext("This must be text."))

    def __init__(self, most: int, *, lines: bool = False, **options: Any) -> None:
        self._most, self._lines = most, lines
        metadata = {"maxLength": most} | options.pop("metadata", {})
        super().__init__(**options, metadata=metadata)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        text = unicodedata.normalize("NFC", text).translate(_INVISIBLE).strip()
        text = text.replace("\r\n", "\n").translate(_LINE_ENDS)
        if any(self._is_unfit(each) for each in text):
            raise ValidationError(
                lazy_gettext("This has characters that cannot be shown. Please type it again.")
            )
        if len(text) > self._most:
            message = lazy_gettext(
                "This is too long: at most %(most)d characters.", most=self._most
            )
            raise ValidationError(message)
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
    """A whole number within bounds."""

    default_error_messages = _messages(lazy_gettext("This must be a whole number."))

    def __init__(self, least: int, most: int, **options: Any) -> None:
        message = lazy_gettext("This must be from %(least)d to %(most)d.", least=least, most=most)
        super().__init__(validate=validate.Range(least, most, error=message), **options)


class DayField(fields.Date):
    """A date, as 2026-02-28."""

    default_error_messages = _messages(lazy_gettext("This is not a date, such as 2026-02-28."))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class ClockTime(fields.Time):
    """A time of day, as 09:00."""

    default_error_messages = _messages(lazy_gettext("This is not a time of day, such as 09:00."))

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return super()._deserialize(
            value[:5] if value.count(":") == 2 else value, attr, data, **kwargs
        )


class Flag(fields.Boolean):
    """Yes or no; a box that is not ticked is no."""

    default_error_messages = _messages(lazy_gettext("Please answer yes or no."))

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"load_default": False} | options))


class Identifier(fields.UUID):
    """One of our ids."""

    default_error_messages = _messages(lazy_gettext("This is not one of our identifiers."))


class Dollars(fields.Field[int]):
    """An amount as people write it (25, 25.50, 25,50 $); whole cents in code."""

    default_error_messages = _messages(
        lazy_gettext("This is not an amount in dollars, such as 25 or 25.50.")
    )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value).strip().strip("$").strip().replace(",", ".")
        try:
            cents = Decimal(text) * 100
        except ArithmeticError as problem:
            raise self.make_error("invalid") from problem
        if not cents.is_finite() or not 0 <= cents <= HIGHEST_FEE_CENTS or cents != int(cents):
            raise self.make_error("invalid")
        return int(cents)

    def _serialize(
        self, value: int | None, attr: str | None, obj: Any, **kwargs: Any
    ) -> str | None:
        return None if value is None else f"{value // 100}.{value % 100:02d}"
