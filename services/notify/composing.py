"""From a delivery to a finished mail: the letter, its addresses and its attachments."""

from typing import Any
from urllib.parse import urlsplit

from services.chassis.config import Settings
from services.chassis.i18n import say
from services.documents.calendar_file import CalendarEntry, calendar_file
from services.documents.labels import labels_in
from services.documents.roster import Roster, RosterRow
from services.documents.roster_pdf import roster_pdf
from services.notify.kinds import NOTICE_CHANGED, ROSTER
from services.notify.letters.context import letter_context
from services.notify.letters.letter import write
from services.notify.letters.sessions import place_words, session_days
from services.notify.message import Attachment, Mail, mailbox
from services.notify.models import Delivery
from services.notify.plain_text import lines_of
from services.notify.transports import sender_of

_WITH_CALENDAR = ("confirmed", "moved", NOTICE_CHANGED)
_FILE_NAMES = {"en": ("workshop.ics", "roster"), "fr": ("atelier.ics", "liste")}


def compose(delivery: Delivery, facts: dict[str, Any], settings: Settings) -> Mail:
    """The mail that a delivery calls for; PermanentFailure when its address is none."""
    language = delivery.language
    letter = write(
        delivery.kind, language, letter_context(delivery.kind, facts, language, settings)
    )
    return Mail(
        id=delivery.id,
        sender=sender_of(settings),
        recipient=mailbox(delivery.recipient_name, delivery.recipient_email),
        language=language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        attachments=_attachments(delivery, facts, settings),
    )


def _attachments(
    delivery: Delivery, facts: dict[str, Any], settings: Settings
) -> tuple[Attachment, ...]:
    if delivery.kind == ROSTER:
        return (_roster_sheet(delivery, facts),)
    if delivery.kind in _WITH_CALENDAR and facts["status"] == "confirmed":
        return (_calendar(delivery, facts, settings),)
    return ()


def _calendar(delivery: Delivery, facts: dict[str, Any], settings: Settings) -> Attachment:
    """The workshop for the reader's calendar, without their own link: calendars are shared."""
    session, language = facts["session"], delivery.language
    site = urlsplit(settings.base_url)
    entry = CalendarEntry(
        uid=f"{facts['registration_id']}@{site.hostname}",
        sequence=session["calendar_sequence"],
        title=say(session["title"], language)[0],
        days=session_days(session),
        zone=session["zone"],
        description="\n".join(lines_of(say(session["bring"], language)[0])),
        location=session["join_link"] or str(place_words(session, language)["place"]),
        url=f"{settings.base_url}/sessions/{session['session_id']}",
    )
    content = calendar_file(entry, method="PUBLISH", stamp=delivery.event_time)
    return Attachment(_FILE_NAMES[language][0], "text/calendar", content, method="PUBLISH")


def _roster_sheet(delivery: Delivery, facts: dict[str, Any]) -> Attachment:
    language = delivery.language
    content = roster_pdf(_roster(delivery, facts))
    first_day = min(session_days(facts["session"])).date
    name = f"{_FILE_NAMES[language][1]}-{first_day.isoformat()}.pdf"
    return Attachment(name, "application/pdf", content)


def _roster(delivery: Delivery, facts: dict[str, Any]) -> Roster:
    """The roster as it stood when registration said that it was due."""
    session, language = facts["session"], delivery.language
    label, count = labels_in(language)["people_with_needs"], facts["with_needs"]
    return Roster(
        title=say(session["title"], language)[0],
        days=session_days(session),
        zone=session["zone"],
        as_of=delivery.event_time,
        capacity=facts["capacity"],
        language=language,
        place=str(place_words(session, language)["place"]),
        host=facts["host"],
        facilitators=tuple(facts["facilitators"]),
        rows=tuple(_row(line) for line in facts["lines"]),
        needs={label: count} if count else {},
        bring=tuple(lines_of(say(session["bring"], language)[0])),
    )


def _row(line: dict[str, str]) -> RosterRow:
    return RosterRow(
        name=line["name"],
        local=line["organisation"],
        role=line["role"],
        email=line["email"],
        phone=line["phone"],
        note=line["note"],
    )
