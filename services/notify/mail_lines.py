"""A mail as one line of a list, on pages and in files."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from services.chassis.i18n import reader_language, say
from services.chassis.wall_clock import STAFF_ZONE
from services.documents.dates import zone_name
from services.notify.models import FAILED, Delivery
from services.notify.wording import (
    error_text,
    kind_text,
    local_moment,
    state_text,
    state_tone,
)


def session_title(delivery: Delivery) -> str:
    """The title of the session that a mail is about; empty when it is about none."""
    session = delivery.context.get("session")
    return say(session["title"], reader_language())[0] if session else ""


def line_of(delivery: Delivery) -> dict[str, object]:
    """A mail as tables have it."""
    return {
        "id": delivery.id,
        "kind": kind_text(delivery.kind),
        "session": session_title(delivery),
        "name": delivery.recipient_name,
        "email": delivery.recipient_email,
        "state": state_text(delivery.state),
        "tone": state_tone(delivery.state),
        "error": error_text(delivery.error),
        "twice": delivery.second_copy_possible,
        "attempts": delivery.attempts,
        "since": local_moment(delivery.created_at),
        "is_copy": delivery.resend_of_id is not None,
        "can_retry": delivery.state == FAILED,
    }


def headings() -> list[str]:
    """The headings of the columns that `cells` fills."""
    zone = zone_name(STAFF_ZONE, reader_language())
    return [
        _("Asked for on (%(zone)s)", zone=zone),
        *(_("Name"), _("E-mail"), _("Message"), _("Subject"), _("Session"), _("State")),
        _("Handed over on (%(zone)s)", zone=zone),
        *(_("Attempts"), _("Last words"), _("A second copy is possible"), _("Reference")),
    ]


def cells(mails: Iterable[Delivery]) -> Iterator[list[str]]:
    """The texts of each mail in turn."""
    for each in mails:
        yield [
            _clock(each.created_at),
            *(each.recipient_name, each.recipient_email, kind_text(each.kind)),
            *(each.mail_subject, session_title(each), state_text(each.state)),
            _clock(each.accepted_at),
            *(str(each.attempts), error_text(each.error)),
            _("yes") if each.second_copy_possible else _("no"),
            str(each.id),
        ]


def _clock(moment: datetime | None) -> str:
    """A moment as spreadsheet programs of either language read it."""
    return f"{moment.astimezone(ZoneInfo(STAFF_ZONE)):%Y-%m-%d %H:%M}" if moment else ""
