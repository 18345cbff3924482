"""The public page of a session, and that of a workshop with all its dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from services.catalog.markdown import rendered
from services.catalog.models import CANCELLED, Workshop, WorkshopSession
from services.catalog.phrases import is_foreign
from services.catalog.queries import public_session, public_sessions_of
from services.catalog.schedule import closing_of
from services.catalog.session_view import SessionView, session_view
from services.chassis.i18n import say
from services.documents.dates import moment_text

_FALLBACK_TEXTS = ("title", "description", "bring", "prerequisites")


@dataclass(frozen=True)
class Passage:
    """A text as HTML, and the language it is in where that is not the reader's."""

    html: Markup
    foreign: str


@dataclass(frozen=True)
class WorkshopWords:
    """A workshop's texts; `remark` says where some are in the other language."""

    description: Passage
    bring: Passage
    prerequisites: Passage
    hours: float | None
    series: str
    remark: str


@dataclass(frozen=True)
class SessionPage:
    """What the page of one session shows."""

    view: SessionView
    texts: WorkshopWords
    plain_title: str
    workshop_id: UUID
    has_other_dates: bool
    closes_text: str
    cancel_reason: str
    is_cancelled: bool


@dataclass(frozen=True)
class WorkshopPage:
    """What the page of a workshop shows: its words, and its dates ahead and past."""

    title: Markup
    plain_title: str
    texts: WorkshopWords
    ahead: Sequence[SessionView]
    past: Sequence[SessionView]


def session_page(
    db: Session, session_id: UUID, *, language: str, now: datetime
) -> SessionPage | None:
    """The page of a session; None where the public may not see it."""
    session = public_session(db, session_id)
    if session is None:
        return None
    return SessionPage(
        view=session_view(session, language, now),
        texts=_texts(session.workshop, language),
        plain_title=say(session.workshop.words("title"), language)[0],
        workshop_id=session.workshop_id,
        has_other_dates=len(public_sessions_of(db, session.workshop_id)) > 1,
        closes_text=_closing_text(session, language, now),
        cancel_reason=session.cancel_reason,
        is_cancelled=session.status == CANCELLED,
    )


def workshop_page(
    db: Session, workshop_id: UUID, *, language: str, now: datetime
) -> WorkshopPage | None:
    """The page of a workshop; None where it has no public date."""
    sessions = public_sessions_of(db, workshop_id)
    if not sessions:
        return None
    views = [session_view(session, language, now) for session in sessions]
    return WorkshopPage(
        title=views[0].title,
        plain_title=say(sessions[0].workshop.words("title"), language)[0],
        texts=_texts(sessions[0].workshop, language),
        ahead=[view for view in views if view.how.state != "past"],
        past=[view for view in reversed(views) if view.how.state == "past"],
    )


def _texts(workshop: Workshop, language: str) -> WorkshopWords:
    missing = any(is_foreign(workshop.words(name), language) for name in _FALLBACK_TEXTS)
    remark = {
        "en": _("Some of this is in French only."),
        "fr": _("Some of this is in English only."),
    }
    return WorkshopWords(
        description=_passage(workshop.words("description"), language),
        bring=_passage(workshop.words("bring"), language),
        prerequisites=_passage(workshop.words("prerequisites"), language),
        hours=workshop.hours,
        series=workshop.series,
        remark=remark[language] if missing else "",
    )


def _passage(words: dict[str, str], language: str) -> Passage:
    text, spoken = say(words, language)
    return Passage(rendered(text), "" if spoken == language else spoken)


def _closing_text(session: WorkshopSession, language: str, now: datetime) -> str:
    closing = closing_of(session)
    if closing is None or closing <= now or session.status == CANCELLED:
        return ""
    return moment_text(closing, session.zone, language)
