"""What became of one mail, in words: the entries of its timeline, the newest first."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from services.notify.mail_view import MailView
from services.notify.models import SUPERSEDED, SUPPRESSED
from services.notify.wording import error_text, local_moment, state_text, state_tone

_OUTCOMES: dict[str, tuple[LazyString, str]] = {
    "accepted": (lazy_gettext("Handed over"), "good"),
    "queued": (lazy_gettext("Not taken this time; it is tried again"), "warn"),
    "failed": (lazy_gettext("Refused"), "bad"),
    "unknown": (lazy_gettext("No answer; it may have gone out"), "warn"),
    "suppressed": (lazy_gettext("Not tried: the address gets no mail"), "bad"),
}
_REPORTS: dict[str, tuple[LazyString, str]] = {
    "processed": (lazy_gettext("Taken on by the provider"), "info"),
    "deferred": (lazy_gettext("Put off by the reader’s mail server"), "warn"),
    "delivered": (lazy_gettext("Delivered"), "good"),
    "bounce": (lazy_gettext("Came back"), "bad"),
    "blocked": (lazy_gettext("Turned away by the reader’s mail server"), "bad"),
    "dropped": (lazy_gettext("Dropped by the provider"), "bad"),
    "unread_bounce": (lazy_gettext("A mail server answered in words of its own"), "warn"),
    "spamreport": (lazy_gettext("Reported as spam by its reader"), "bad"),
    **dict.fromkeys(
        ("unsubscribe", "group_unsubscribe"),
        (lazy_gettext("Its reader wants no more announcements"), "warn"),
    ),
}

Entry = dict[str, Any]


def history(view: MailView) -> list[Entry]:
    """Everything that is known to have happened to a mail."""
    entries = sorted(_entries(view), key=_moment)
    return [_shown(each) for each in reversed(entries)]


def _entries(view: MailView) -> Iterator[Entry]:
    delivery = view.delivery
    yield {
        "at": delivery.created_at,
        "what": _("A copy was asked for") if delivery.resend_of_id else _("Put in line"),
        "tone": "neutral",
    }
    for attempt in view.attempts:
        what, tone = _OUTCOMES.get(attempt.outcome, (attempt.outcome, "neutral"))
        yield {
            "at": attempt.ended_at,
            "what": str(what),
            "tone": tone,
            "by": attempt.address,
            "reason": error_text(attempt.words),
        }
    tried = view.attempts[0].ended_at if view.attempts else delivery.created_at
    for report in view.reports:
        what, tone = _REPORTS.get(report.kind, (report.kind, "neutral"))
        yield {
            "at": report.at,
            # Providers tell whole seconds; what they report comes after we handed it over.
            "not_before": max(report.at, tried),
            "what": str(what),
            "tone": tone,
            "by": _("reported by the provider"),
            "reason": error_text(report.words),
        }
    if delivery.state in (SUPERSEDED, SUPPRESSED) and delivery.settled_at:
        yield _ended(view, delivery.settled_at)


def _ended(view: MailView, at: datetime) -> Entry:
    """The end of a mail that was never sent."""
    state = view.delivery.state
    reason = error_text(view.delivery.error)
    return {"at": at, "what": state_text(state), "tone": state_tone(state), "reason": reason}


def _moment(entry: Entry) -> datetime:
    at: datetime = entry.get("not_before") or entry["at"]
    return at


def _shown(entry: Entry) -> Entry:
    at = entry.pop("at")
    entry.pop("not_before", None)
    return {"when": local_moment(at), "datetime": at.isoformat(), **entry}
