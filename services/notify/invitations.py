"""Invitations for the calendars of the confirmed, and their withdrawal: who gets which."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.config import Settings
from services.chassis.db import table_of
from services.chassis.i18n import say
from services.documents.calendar_file import CalendarEntry, Method
from services.documents.invitation import Invitation, Party, cancel_file, request_file
from services.notify.kinds import NOTICE_CANCELLED, NOTICE_CHANGED
from services.notify.letters.sessions import place_words, session_days
from services.notify.message import Attachment, Mail
from services.notify.models import ACCEPTED, DELIVERED, HELD, SENDING, Delivery, SubjectState
from services.notify.plain_text import lines_of

REQUEST: Final = "REQUEST"
CANCEL: Final = "CANCEL"
_MOVED = "moved"
_INVITING = ("confirmed", _MOVED, NOTICE_CHANGED)
_WITHDRAWING = ("cancelled", _MOVED, NOTICE_CANCELLED)
_FILE_NAMES = {
    ("en", REQUEST): "workshop.ics",
    ("fr", REQUEST): "atelier.ics",
    ("en", CANCEL): "cancelled.ics",
    ("fr", CANCEL): "annulation.ics",
}

_SUBJECT = table_of(SubjectState)
_IF_FREE = (
    sa.select(_SUBJECT.c.registration_id)
    .where(_SUBJECT.c.registration_id == sa.bindparam("subject_id"))
    .with_for_update(skip_locked=True)
)
_NOTE_INVITED = (
    sa.update(_SUBJECT)
    .where(_SUBJECT.c.registration_id == _IF_FREE.scalar_subquery())
    .values(is_invited=True)
)


def invited_with(db: Session, delivery: Delivery) -> int | None:
    """The newest sequence that an invitation which this mail withdraws can have gone out with.

    None when it withdraws none, or none went out. One whose fate is open counts as sent: to
    take back what never came does no harm.
    """
    if delivery.kind not in _WITHDRAWING:
        return None
    state = db.get(SubjectState, _withdrawn(delivery))
    if state is None or not (state.is_invited or _may_be_invited(db, state.registration_id)):
        return None
    return state.calendar_sequence


def note_invitation(db: Session, delivery: Delivery, mail: Mail) -> None:
    """Remember that a mail with an invitation was accepted.

    A handler that writes to the registration's row may be waiting for this very mail, so its row
    is not waited for: what is not remembered here, the mail's own state tells.
    """
    if mail.calendar is not None and mail.calendar.method == REQUEST:
        db.execute(_NOTE_INVITED, {"subject_id": delivery.subject_id})


def calendar_parts(
    delivery: Delivery, facts: dict[str, Any], settings: Settings, organiser: Party
) -> tuple[Attachment, ...]:
    """The calendar files of a mail, that which mail programs should act on first.

    `invited_with` among the facts is what the function of that name has found.
    """
    parts = []
    if delivery.kind in _INVITING and facts["status"] == "confirmed":
        invitation = _invitation(delivery, facts, settings, organiser)
        parts.append(_part(invitation, REQUEST, delivery.event_time))
    if (sequence := facts.get("invited_with")) is not None:
        invitation = _invitation(delivery, _before(delivery, facts), settings, organiser)
        newest = replace(invitation.entry, sequence=sequence)
        withdrawn = replace(invitation, entry=newest)
        parts.append(_part(withdrawn, CANCEL, delivery.event_time))
    return tuple(parts)


def to_keep(part: Attachment) -> Attachment:
    """The same as a file to open; in this type no program takes it for a second invitation."""
    return replace(part, media_type="application/ics", method="")


def _withdrawn(delivery: Delivery) -> UUID:
    """The registration whose place in the calendar ends with this mail."""
    if delivery.kind == _MOVED:
        return UUID(str(delivery.context["previous_registration_id"]))
    return delivery.subject_id


def _may_be_invited(db: Session, registration_id: UUID) -> bool:
    """Whether an invitation can be out there that no sender has lived to note.

    The provider's report may be all that tells that it took one.
    """
    is_confirmed = Delivery.context["status"].as_string() == "confirmed"
    query = sa.select(Delivery.id).where(
        Delivery.subject_id == registration_id,
        Delivery.kind.in_(_INVITING),
        sa.or_(
            Delivery.state.in_((SENDING, HELD)),
            Delivery.second_copy_possible,
            sa.and_(Delivery.state.in_((ACCEPTED, DELIVERED)), is_confirmed),
        ),
    )
    return db.scalar(query.limit(1)) is not None


def _before(delivery: Delivery, facts: dict[str, Any]) -> dict[str, Any]:
    """What is withdrawn: of somebody who was moved, their former place."""
    if delivery.kind != _MOVED:
        return facts
    return {
        "registration_id": facts["previous_registration_id"],
        "session": facts["previous_session"],
    }


def _invitation(
    delivery: Delivery, facts: dict[str, Any], settings: Settings, organiser: Party
) -> Invitation:
    """The place as an entry, without the reader's own link: calendars are shared."""
    session, language = facts["session"], delivery.language
    address = f"{settings.base_url}/sessions/{session['session_id']}"
    entry = CalendarEntry(
        uid=f"{facts['registration_id']}@{urlsplit(settings.base_url).hostname}",
        sequence=session["calendar_sequence"],
        title=say(session["title"], language)[0],
        days=session_days(session),
        zone=session["zone"],
        description="\n".join([*lines_of(say(session["bring"], language)[0]), address]),
        location=session["join_link"] or str(place_words(session, language)["place"]),
        url=address,
    )
    attendee = Party(delivery.recipient_name, delivery.recipient_email)
    return Invitation(entry=entry, organiser=organiser, attendee=attendee, language=language)


def _part(invitation: Invitation, method: Method, stamp: datetime) -> Attachment:
    write = request_file if method == REQUEST else cancel_file
    name = _FILE_NAMES[invitation.language, method]
    return Attachment(name, "text/calendar", write(invitation, stamp=stamp), method=method)
