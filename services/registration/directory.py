"""The directory of locals, and how what a member types is matched against it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlalchemy.orm import Session

from services.registration.fees import today
from services.registration.models import Affiliation, Organisation

SURE, LIKELY, MARGIN = 90, 60, 4
MOST_SUGGESTIONS = 5
_NUMBER = re.compile(r"\d+(?:[-.]\d+)*")
_FILLER = re.compile(
    r"\b(?:local|section locale|section|locale|loc|no|of|the|de|des|du|la|le|les)\b"
)


@dataclass(frozen=True)
class DirectoryEntry:
    """A local as a list of locals gives it."""

    number: str
    name: str
    area: str = ""
    affiliated: bool = True


@dataclass(frozen=True)
class Found:
    """What a typed local may be: one that is sure, or some to choose from."""

    sure: Organisation | None
    suggestions: Sequence[Organisation] = ()


def load_directory(db: Session, entries: Iterable[DirectoryEntry], *, now: datetime) -> int:
    """Add the locals, or bring them up to date by their number; returns how many changed."""
    known = {each.number: each for each in db.scalars(sa.select(Organisation))}
    return sum(_load(db, known.get(entry.number), entry, now) for entry in entries)


def find_organisation(db: Session, typed: str) -> Found:
    """Match what somebody typed; accents, case and small slips are forgiven, numbers are not."""
    everyone = db.scalars(sa.select(Organisation)).all()
    if len(exact := [each for each in everyone if _is_exactly(each, typed)]) == 1:
        return Found(exact[0])
    numbers = set(_NUMBER.findall(typed))
    if numbers:
        everyone = [each for each in everyone if each.number in numbers]
        if len(everyone) == 1:
            return Found(everyone[0])
    return _closest(search_key(typed), everyone)


def organisation_by_id(db: Session, organisation_id: UUID | None) -> Organisation | None:
    """The local that somebody chose from the suggestions."""
    return db.get(Organisation, organisation_id) if organisation_id else None


def organisation_by_number(db: Session, number: str) -> Organisation | None:
    """The local that has this number."""
    return db.scalar(sa.select(Organisation).where(Organisation.number == number))


def areas_of_locals(db: Session) -> Sequence[str]:
    """The areas that the directory names."""
    query = sa.select(Organisation.area).where(Organisation.area != "").distinct()
    return db.scalars(query.order_by(Organisation.area)).all()


def search_key(text: str) -> str:
    """A name without accents, case, punctuation and the words that every local's name has."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    plain = _FILLER.sub(" ", re.sub(r"[^\w]+", " ", plain))
    return " ".join(plain.split())


def _is_exactly(organisation: Organisation, typed: str) -> bool:
    """Whether it was chosen from the form's list, or its number typed, which may have letters."""
    written = (organisation.number, organisation.name, organisation.label)
    return typed.casefold() in {each.casefold() for each in written}


def _closest(key: str, organisations: Sequence[Organisation]) -> Found:
    choices = {index: search_key(each.name) for index, each in enumerate(organisations)}
    scored = process.extract(
        key, choices, scorer=fuzz.WRatio, limit=MOST_SUGGESTIONS, score_cutoff=LIKELY
    )
    close = [(organisations[index], score) for _, score, index in scored]
    if not close:
        return Found(None)
    best, score = close[0]
    runner_up = close[1][1] if len(close) > 1 else 0
    if len(key) > 2 and score >= SURE and score - runner_up >= MARGIN:
        return Found(best)
    return Found(None, [each for each, _ in close])


def _load(db: Session, known: Organisation | None, entry: DirectoryEntry, now: datetime) -> bool:
    if known is None:
        known = Organisation(number=entry.number, name=entry.name, area=entry.area)
        db.add(known)
        _affiliate(known, entry.affiliated, now)
        return True
    changed = (known.name, known.area) != (entry.name, entry.area)
    known.name, known.area = entry.name, entry.area
    return _affiliate(known, entry.affiliated, now) or changed


def _affiliate(organisation: Organisation, affiliated: bool, now: datetime) -> bool:
    """Begin or end an affiliation today; the past stays as it was."""
    day = today(now)
    if organisation.is_affiliated(day) == affiliated:
        return False
    if affiliated:
        organisation.affiliations.append(Affiliation(starts_on=day))
    for period in organisation.affiliations:
        if not affiliated and period.covers(day):
            period.ends_on = day - timedelta(days=1)
    return True
