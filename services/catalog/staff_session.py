"""The staff page of one session: its form, its flags, its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalog import words
from services.catalog.models import PUBLISHED, SessionChange, WorkshopSession
from services.catalog.phrases import is_foreign
from services.catalog.publication import reasons_against
from services.catalog.queries import known_topics
from services.catalog.refusals import NotFound
from services.catalog.schedule import DEFAULT_ZONE, closing_of
from services.catalog.session_form import Choices, choices, row_counts, session_form
from services.catalog.staff_access import is_own_area, known_areas
from services.catalog.staff_lists import Line, staff_line
from services.chassis.forms import Form
from services.contracts.shapes import LANGUAGES
from services.documents.dates import moment_text


@dataclass(frozen=True)
class HistoryLine:
    """A change as the macro `timeline` shows it."""

    when: str
    datetime: str
    what: str
    by: str
    reason: str
    tone: str = "neutral"


@dataclass(frozen=True)
class StaffSessionPage:
    """What the staff page of a session shows."""

    line: Line
    form: Form
    rows: Mapping[str, range]
    choices: Choices
    topics: Sequence[str]
    areas: Sequence[str]
    history: Sequence[HistoryLine]
    against: Sequence[str]
    lacks: Sequence[str]
    other_dates: int
    closes_text: str
    capacity: int | None
    is_public: bool
    date_line: str


def staff_session_page(
    db: Session, session_id: UUID, *, form: Form | None, language: str, now: datetime
) -> StaffSessionPage:
    """The page of a session with its own values, or with what was typed and has errors."""
    session = db.get(WorkshopSession, session_id)
    if session is None:
        raise NotFound
    form = form or session_form(session)
    closing = closing_of(session)
    return StaffSessionPage(
        line=staff_line(session, language, now),
        form=form,
        rows=row_counts(form),
        choices=choices(language),
        topics=known_topics(db),
        areas=[each for each in known_areas(db) if is_own_area(each)],
        history=[_history_line(change, language) for change in session.history],
        against=[words.reason_words(code) for code in reasons_against(session, now)],
        lacks=_languages_lacking(session),
        other_dates=len(session.workshop.sessions) - 1,
        closes_text=moment_text(closing, session.zone, language) if closing else "",
        capacity=session.capacity,
        is_public=session.status == PUBLISHED,
        date_line=(session.import_facts or {}).get("date_line", ""),
    )


def _languages_lacking(session: WorkshopSession) -> list[str]:
    """The languages in which title or description is missing, and the other one has it."""
    texts = [session.workshop.words(name) for name in ("title", "description")]
    return [
        str(words.LANGUAGES[code])
        for code in LANGUAGES
        if any(is_foreign(text, code) for text in texts)
    ]


def _history_line(change: SessionChange, language: str) -> HistoryLine:
    return HistoryLine(
        when=moment_text(change.at, DEFAULT_ZONE, language),
        datetime=change.at.isoformat(),
        what="; ".join([str(words.EVENTS[change.what]), *map(_change_words, change.changes)]),
        by=change.actor,
        reason=change.reason,
    )


def _change_words(change: Mapping[str, str]) -> str:
    name = words.field_words(change["field"])
    if change["field"].startswith("flag."):
        return name
    return f"{name}: {change['old'] or '–'} → {change['new'] or '–'}"
