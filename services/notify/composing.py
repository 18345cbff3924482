"""From a delivery to a finished mail: the letter, its addresses and its attachments."""

from datetime import datetime
from typing import Any

from services.chassis.config import Settings
from services.chassis.i18n import say
from services.chassis.links import Links
from services.documents.invitation import Party
from services.documents.labels import labels_in
from services.documents.roster import Roster, RosterRow
from services.documents.roster_pdf import roster_pdf
from services.notify.invitations import calendar_parts, to_keep
from services.notify.kinds import ROSTER
from services.notify.letterhead import answers_to, sender_of
from services.notify.letters.context import letter_context
from services.notify.letters.letter import Letter, write
from services.notify.letters.look import look_of
from services.notify.letters.sessions import place_words, session_days
from services.notify.message import Attachment, Mail, mailbox
from services.notify.models import ANNOUNCEMENT, Delivery, Letterhead
from services.notify.plain_text import lines_of

_ROSTER_NAMES = {"en": "roster", "fr": "liste"}


def compose(
    delivery: Delivery,
    facts: dict[str, Any],
    settings: Settings,
    letterhead: Letterhead,
    *,
    now: datetime,
) -> Mail:
    """The mail that a delivery calls for; PermanentFailure when its address is none."""
    language = delivery.language
    shown = facts | {"mail_id": delivery.id}
    letter = letter_of(delivery.kind, shown, language, settings, letterhead)
    calendars = calendar_parts(delivery, facts, settings, _organiser(settings, letterhead))
    return Mail(
        id=delivery.id,
        written_at=now,
        sender=sender_of(settings, letterhead),
        reply_to=answers_to(letterhead),
        recipient=mailbox(delivery.recipient_name, delivery.recipient_email),
        language=language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        calendar=next(iter(calendars), None),
        attachments=_files(delivery, facts, calendars),
        unsubscribe=_way_out(delivery, settings),
    )


def _way_out(delivery: Delivery, settings: Settings) -> str:
    """Announcements can be ended; nobody is cut off from news of their own workshop."""
    is_announcement = delivery.stream == ANNOUNCEMENT
    return Links(settings).unsubscribe(delivery.id) if is_announcement else ""


def letter_of(
    kind: str,
    facts: dict[str, Any],
    language: str,
    settings: Settings,
    letterhead: Letterhead,
) -> Letter:
    """The words of a mail, in the organisation's look."""
    context = letter_context(kind, facts, language, settings)
    return write(kind, language, context, look_of(letterhead, language))


def _organiser(settings: Settings, letterhead: Letterhead) -> Party:
    """Who invites: the organisation's name, at the address that answers reach."""
    box = answers_to(letterhead) or sender_of(settings, letterhead)
    return Party(box.name, box.address)


def _files(
    delivery: Delivery, facts: dict[str, Any], calendars: tuple[Attachment, ...]
) -> tuple[Attachment, ...]:
    """The roster; or the calendar files, of which the mail itself holds the first already."""
    if delivery.kind == ROSTER:
        return (_roster_sheet(delivery, facts),) if facts.get("attached", True) else ()
    return (*map(to_keep, calendars[:1]), *calendars[1:])


def _roster_sheet(delivery: Delivery, facts: dict[str, Any]) -> Attachment:
    language = delivery.language
    content = roster_pdf(_roster(delivery, facts))
    first_day = min(session_days(facts["session"])).date
    name = f"{_ROSTER_NAMES[language]}-{first_day.isoformat()}.pdf"
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
