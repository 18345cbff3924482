"""The staff's lists of sessions: drafts to review, what is public, what was set aside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalog import words
from services.catalog.flags import flag_key
from services.catalog.models import WorkshopSession
from services.catalog.publication import missing_for_publication
from services.catalog.queries import (
    Areas,
    known_topics,
    published_before,
    published_from,
    sessions_set_aside,
    sessions_to_review,
)
from services.catalog.schedule import DEFAULT_ZONE, is_past, today_in
from services.catalog.session_view import SessionView, session_view


@dataclass(frozen=True)
class FlagView:
    """A flag in words; `detail` quotes the listing."""

    key: str
    text: str
    field: str
    detail: str


@dataclass(frozen=True)
class Line:
    """A session in a list of the staff's; `missing` is what keeps it from being published."""

    view: SessionView
    href: str
    status: str
    status_text: str
    is_past: bool
    seats: int | None
    opening: str
    flags: Sequence[FlagView]
    missing: Sequence[str]

    @property
    def is_ready(self) -> bool:
        """Whether it could be published now."""
        return not (self.flags or self.missing or self.is_past)


@dataclass(frozen=True)
class StaffLists:
    """What the page `/staff/workshops` shows."""

    drafts: Sequence[Line]
    past_drafts: Sequence[Line]
    public: Sequence[Line]
    over: Sequence[Line]
    aside: Sequence[Line]
    topics: Sequence[str]


def staff_lists(db: Session, areas: Areas, *, language: str, now: datetime) -> StaffLists:
    """All lists, of some areas; a draft whose days have passed stands apart."""
    today = today_in(DEFAULT_ZONE, now)
    drafts = _lines(sessions_to_review(db, areas), language, now)
    return StaffLists(
        drafts=[line for line in drafts if not line.is_past],
        past_drafts=[line for line in drafts if line.is_past],
        public=_lines(published_from(db, areas, today), language, now),
        over=_lines(published_before(db, areas, today), language, now),
        aside=_lines(sessions_set_aside(db, areas), language, now),
        topics=known_topics(db),
    )


def drafts_ahead(db: Session, areas: Areas, now: datetime) -> list[UUID]:
    """The drafts that are not past: what "all drafts" means on that page."""
    return [each.id for each in sessions_to_review(db, areas) if not is_past(each, now)]


def staff_line(session: WorkshopSession, language: str, now: datetime) -> Line:
    """One session as staff see it."""
    return Line(
        view=session_view(session, language, now),
        href=f"/staff/workshops/sessions/{session.id}",
        status=session.status,
        status_text=str(words.STATUSES[session.status]),
        is_past=is_past(session, now),
        seats=session.capacity,
        opening=_opening(session),
        flags=flag_views(session.flags),
        missing=[words.reason_words(code) for code in _unflagged(session)],
    )


def _opening(session: WorkshopSession) -> str:
    """How the description of an untitled draft begins, to tell it from other ones."""
    if any(session.workshop.words("title").values()):
        return ""
    about = " ".join(session.workshop.words("description").values()).split()
    opening = " ".join(about[:_WORDS_OF_OPENING])
    return f"{opening}…" if len(about) > _WORDS_OF_OPENING else opening


def _unflagged(session: WorkshopSession) -> list[str]:
    """What is missing, without what a flag says already."""
    flagged = {_SAME_AS.get(flag["code"], flag["code"]) for flag in session.flags}
    return [code for code in missing_for_publication(session) if code not in flagged]


_WORDS_OF_OPENING = 12
_SAME_AS = {"place_and_online": "no_place"}


def flag_views(flags: Iterable[Mapping[str, Any]]) -> list[FlagView]:
    """Flags in the reader's language."""
    return [
        FlagView(
            key=flag_key(flag),
            text=str(words.FLAGS.get(flag["code"], flag["code"])),
            field=words.field_words(flag["field"]) if flag.get("field") else "",
            detail=flag["detail"],
        )
        for flag in flags
    ]


def _lines(sessions: Iterable[WorkshopSession], language: str, now: datetime) -> list[Line]:
    return [staff_line(session, language, now) for session in sessions]
