"""The form of the letterhead: what an organisation may choose, and why a choice is refused."""

import re
from typing import Any

from babel.numbers import format_decimal
from flask_babel import gettext as _
from marshmallow import ValidationError, validates, validates_schema

from services.chassis.fields import Email, Input, Text
from services.chassis.i18n import reader_language
from services.notify.letterhead import FIELDS
from services.notify.letters.colours import DEFAULT, LEAST_CONTRAST, contrast_as_link
from services.notify.message import LONGEST_NAME, name_in_header
from services.notify.models import Letterhead

LONGEST_SIGNATURE = 500
_COLOUR = re.compile("#[0-9a-f]{6}")


class Colour(Text):
    """A colour as browsers send it, `#0c5746`, that links on paper can be read in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(7, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        colour = super()._deserialize(value, attr, data, **kwargs).lower()
        if not _COLOUR.fullmatch(colour):
            raise ValidationError(_("This is not a colour, such as #0c5746."))
        if (ratio := contrast_as_link(colour)) < LEAST_CONTRAST:
            raise ValidationError(_too_pale(ratio))
        return "" if colour == DEFAULT.head else colour


class LetterheadInput(Input):
    """What the form sends; what is left empty stays as Turnout has it."""

    sender_name = Text(LONGEST_NAME, load_default="")
    reply_to = Email(load_default="")
    signature_en = Text(LONGEST_SIGNATURE, lines=True, load_default="")
    signature_fr = Text(LONGEST_SIGNATURE, lines=True, load_default="")
    colour = Colour(load_default="")

    @validates("sender_name")
    def _name_fits_headers(self, name: str, **_rest: Any) -> None:
        if name and not name_in_header(name).strip():
            raise ValidationError(_("This name has no letters that a mail can show."))

    @validates("reply_to")
    def _every_server_takes_it(self, address: str, **_rest: Any) -> None:
        if not address.rpartition("@")[0].isascii():
            raise ValidationError(
                _("Please give an address without accents: not every mail program can answer it.")
            )

    @validates_schema
    def _signature_is_in_both_languages(self, data: dict[str, Any], **_rest: Any) -> None:
        for name, other in (("signature_en", "signature_fr"), ("signature_fr", "signature_en")):
            if data.get(other) and not data.get(name):
                raise ValidationError(
                    _("Please write the signature in both languages, or in neither."), name
                )


def letterhead_values(letterhead: Letterhead) -> dict[str, str]:
    """What the form shows of a letterhead; a browser's colour field is never empty."""
    values = {name: str(getattr(letterhead, name)) for name in FIELDS}
    return values | {"colour": values["colour"] or DEFAULT.head}


def _too_pale(ratio: float) -> str:
    shown = format_decimal(int(ratio * 100) / 100, "0.00", locale=reader_language())
    least = format_decimal(LEAST_CONTRAST, "0.0", locale=reader_language())
    words: str = _(
        "This colour is too pale for links: its contrast with the paper is %(ratio)s to 1, "
        "and %(least)s to 1 is needed. Please choose a darker one.",
        ratio=shown,
        least=least,
    )
    return words
