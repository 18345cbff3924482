"""The history of a session: what its fields were, what they became, who did it and why."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from services.catalog.models import SessionChange, WorkshopSession
from services.catalog.schedule import day_values

_LONGEST_WORDS = 300

WORKSHOP_FIELDS = (
    "title_en",
    "title_fr",
    "description_en",
    "description_fr",
    "bring_en",
    "bring_fr",
    "prerequisites_en",
    "prerequisites_fr",
    "topic",
    "series",
    "hours",
)
PLACE_FIELDS = ("venue", "city", "province")
SESSION_FIELDS = (
    "zone",
    "online",
    "room",
    "join_link",
    "language",
    "capacity",
    "fee_affiliate_cents",
    "fee_other_cents",
    "closes_at",
    "auto_promote",
    "facilitators",
    "host",
    "area",
    "notes",
)

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class FieldChange:
    """A field that changed, with its old and new value in words."""

    field: str
    old: str
    new: str


def snapshot(session: WorkshopSession) -> Snapshot:
    """Every field that can be changed, the workshop's and the venue's among them."""
    venue = session.venue
    return {
        **{name: getattr(session.workshop, name) for name in WORKSHOP_FIELDS},
        **{name: getattr(session, name) for name in SESSION_FIELDS},
        "venue": venue.name if venue else "",
        "city": venue.city if venue else "",
        "province": venue.province if venue else "",
        "days": day_values(session),
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """The fields in which two snapshots differ."""
    return [
        FieldChange(name, in_words(name, old[name]), in_words(name, value))
        for name, value in new.items()
        if old[name] != value
    ]


def record(
    db: Session,
    session: WorkshopSession,
    what: str,
    *,
    actor: str,
    now: datetime,
    changes: Iterable[FieldChange] = (),
    reason: str = "",
) -> None:
    """Add a line to a session's history, and count its version up."""
    session.version += 1
    db.add(
        SessionChange(
            session_id=session.id,
            version=session.version,
            at=now,
            actor=actor,
            what=what,
            changes=[asdict(change) for change in changes],
            reason=reason,
        )
    )


def in_words(name: str, value: Any) -> str:
    """A field's value as the history keeps it: short, plain, the same in both languages."""
    is_money = name.endswith("_cents") and value is not None
    words = f"{value / 100:.2f} $" if is_money else _words(value)
    return words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_words(each) for each in value)
    if isinstance(value, dict):
        return " ".join(_words(each) for each in value.values() if each is not None)
    if isinstance(value, datetime | time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value)
