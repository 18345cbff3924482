"""How a letter looks and is signed: the organisation's letterhead in one language."""

from dataclasses import dataclass

from services.notify.letters.colours import Colours, colours_from
from services.notify.models import Letterhead
from services.notify.plain_text import one_line

DEFAULT_NAME = "Turnout"


@dataclass(frozen=True)
class Look:
    """What stands around the words of every letter.

    `answers_to` is the address that reads answers, empty where nobody does.
    """

    name: str
    answers_to: str
    signature: tuple[str, ...]
    colours: Colours


def look_of(letterhead: Letterhead, language: str) -> Look:
    """What the organisation has chosen, and ours where it has not."""
    written = {"en": letterhead.signature_en, "fr": letterhead.signature_fr}[language]
    lines = (one_line(line) for line in written.splitlines())
    return Look(
        name=letterhead.sender_name or DEFAULT_NAME,
        answers_to=letterhead.reply_to,
        signature=tuple(line for line in lines if line),
        colours=colours_from(letterhead.colour),
    )
