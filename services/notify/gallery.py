"""Every kind of mail as its reader would see it, written with sample data in today's look."""

from dataclasses import dataclass

from services.chassis.config import Settings
from services.chassis.i18n import LANGUAGES
from services.notify.composing import letter_of
from services.notify.kinds import KINDS
from services.notify.letters.letter import Letter
from services.notify.models import Letterhead
from services.notify.samples import sample


@dataclass(frozen=True)
class Exhibit:
    """One kind of mail in each language, by the language's code."""

    kind: str
    letters: dict[str, Letter]


def exhibits(settings: Settings, letterhead: Letterhead) -> list[Exhibit]:
    """All kinds of mail there are."""
    return [
        Exhibit(kind, {each: sample_letter(kind, each, settings, letterhead) for each in LANGUAGES})
        for kind in KINDS
    ]


def sample_letter(kind: str, language: str, settings: Settings, letterhead: Letterhead) -> Letter:
    """The sample of a kind, sent at once; KeyError for a kind or language that there is not."""
    contract, data = sample(kind, language)
    facts = contract.load(contract.dump(data)) | {"as_of": None}
    return letter_of(kind, facts, language, settings, letterhead)
