"""The words for kinds, states and times of mail on staff pages."""

from datetime import datetime

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from services.chassis.i18n import reader_language
from services.chassis.wall_clock import STAFF_ZONE
from services.documents.dates import moment_text
from services.notify.claiming import SENDER_DIED
from services.notify.deliveries import PERSON_ERASED
from services.notify.holding import (
    DECIDED_AGAINST,
    LATE_NEWS,
    MAYBE_REPEATED,
    MAYBE_SENT,
)
from services.notify.readdressing import ADDRESS_CORRECTED
from services.notify.suppression_wording import NOT_SENT_TEXTS
from services.notify.transports.transport import SANDBOX
from services.notify.truth import (
    FACTS_FORGOTTEN,
    NEWER_DIGEST,
    NEWER_NOTICE,
    NEWER_ROSTER,
    NEWER_STATUS,
    NOTHING_CHANGED,
    PLACE_ENDED,
    READER_ALONE,
    REGISTRATION_ENDED,
    TOO_LATE,
)

_KINDS: dict[str, LazyString] = {
    "confirmed": lazy_gettext("Place confirmed"),
    "waitlisted": lazy_gettext("On the waiting list"),
    "offered": lazy_gettext("Seat offered"),
    "offer_expiring": lazy_gettext("Offer about to lapse"),
    "lapsed": lazy_gettext("Offer lapsed"),
    "declined": lazy_gettext("Offer declined"),
    "cancelled": lazy_gettext("Sign-up cancelled"),
    "moved": lazy_gettext("Moved to another session"),
    "closed": lazy_gettext("Registration closed"),
    "repeated": lazy_gettext("Signed up already"),
    "notice_changed": lazy_gettext("Session changed"),
    "notice_cancelled": lazy_gettext("Session cancelled"),
    "reminder": lazy_gettext("Reminder"),
    "roster": lazy_gettext("Roster"),
    "group_message": lazy_gettext("Message to a group"),
    "digest": lazy_gettext("Digest of changes"),
    "link_to_data": lazy_gettext("Link to one’s own data"),
    "link_to_password": lazy_gettext("Link to a new password"),
}
_STATES: dict[str, tuple[LazyString, str]] = {
    "held": (lazy_gettext("Held until somebody decides"), "warn"),
    "queued": (lazy_gettext("Waiting to be sent"), "info"),
    "sending": (lazy_gettext("Being sent"), "info"),
    "unknown": (lazy_gettext("In doubt"), "warn"),
    "failed": (lazy_gettext("Failed"), "bad"),
    "accepted": (lazy_gettext("Sent"), "good"),
    "delivered": (lazy_gettext("Delivered"), "good"),
    "bounced": (lazy_gettext("Bounced"), "bad"),
    "dropped": (lazy_gettext("Dropped by the provider"), "bad"),
    "suppressed": (lazy_gettext("Held back: the address gets no mail"), "bad"),
    "superseded": (lazy_gettext("Replaced by newer news"), "neutral"),
}
_OUR_WORDS: dict[str, LazyString] = {
    **NOT_SENT_TEXTS,
    SANDBOX: lazy_gettext("Sandbox: SendGrid has checked this message and sent it to nobody."),
    ADDRESS_CORRECTED: lazy_gettext(
        "Not sent again: the address was corrected, and a copy goes to the new one."
    ),
    SENDER_DIED: lazy_gettext("The sender stopped before it could note the outcome."),
    NEWER_STATUS: lazy_gettext("Not sent: something newer has become of this registration."),
    NEWER_NOTICE: lazy_gettext("Not sent: a newer notice of the same session took its place."),
    NEWER_ROSTER: lazy_gettext("Not sent: a newer roster of the same session took its place."),
    NEWER_DIGEST: lazy_gettext(
        "Not sent: the next digest, which tells this as well, took its place."
    ),
    NOTHING_CHANGED: lazy_gettext("Not sent: the change was undone before anybody was told of it."),
    REGISTRATION_ENDED: lazy_gettext("Not sent: the person was moved, or the session cancelled."),
    TOO_LATE: lazy_gettext("Not sent: the time that it speaks of has passed."),
    FACTS_FORGOTTEN: lazy_gettext("Not sent again: what it was written from is kept no longer."),
    READER_ALONE: lazy_gettext(
        "Not sent again: its link is for its reader alone, who can ask for another."
    ),
    LATE_NEWS: lazy_gettext("Held: the news reached us more than a day late."),
    MAYBE_SENT: lazy_gettext("Held: it may have gone out before the data were restored."),
    MAYBE_REPEATED: lazy_gettext(
        "Held: one like it went out in the hours that registration has lost."
    ),
    DECIDED_AGAINST: lazy_gettext("Not sent: it was held, and somebody decided against it."),
    PERSON_ERASED: lazy_gettext("Not sent: its reader was erased, as was asked."),
    PLACE_ENDED: lazy_gettext("Not sent: the place that it was about had ended by then."),
}


def kind_text(kind: str) -> str:
    """What a mail is about; a kind without words goes by its name."""
    return str(_KINDS.get(kind, kind))


def kinds_and_words() -> dict[str, LazyString]:
    """Every kind of mail with its words, to choose from."""
    return dict(_KINDS)


def states_and_words() -> dict[str, LazyString]:
    """Every state of a mail with its words, to choose from."""
    return {state: words for state, (words, _tone) in _STATES.items()}


def state_text(state: str) -> str:
    """How far a mail has come."""
    return str(_STATES[state][0])


def state_tone(state: str) -> str:
    """Its colour among the design's tones."""
    return _STATES[state][1]


def error_text(words: str) -> str:
    """Our own reasons in the reader's language; a provider's words quoted as they came."""
    if words in _OUR_WORDS:
        return str(_OUR_WORDS[words])
    return _("“%(words)s”", words=words) if words else ""


def local_moment(moment: datetime) -> str:
    """When something happened, by the clock on the wall of most of the staff."""
    return moment_text(moment, STAFF_ZONE, reader_language())
