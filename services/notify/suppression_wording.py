"""The words for why an address gets no mail, and which mail it does not get."""

from flask_babel import LazyString, lazy_gettext

from services.notify.models import ANNOUNCEMENT
from services.notify.outcomes import HARD_BOUNCE, SPAM_REPORT
from services.notify.suppressions import ALL, BY_STAFF, UNSUBSCRIBED, WHY_NOT_SENT

_REASONS: dict[str, LazyString] = {
    HARD_BOUNCE: lazy_gettext("A message came back"),
    SPAM_REPORT: lazy_gettext("Reported as spam"),
    UNSUBSCRIBED: lazy_gettext("Wants no more announcements"),
    BY_STAFF: lazy_gettext("Stopped by staff"),
}
_STREAMS: dict[str, LazyString] = {
    ALL: lazy_gettext("All mail"),
    ANNOUNCEMENT: lazy_gettext("Announcements only"),
}
NOT_SENT_TEXTS: dict[str, LazyString] = {
    WHY_NOT_SENT[HARD_BOUNCE]: lazy_gettext(
        "Not sent: an earlier message to this address came back."
    ),
    WHY_NOT_SENT[SPAM_REPORT]: lazy_gettext(
        "Not sent: a message to this address was reported as spam."
    ),
    WHY_NOT_SENT[UNSUBSCRIBED]: lazy_gettext("Not sent: the reader wants no more announcements."),
    WHY_NOT_SENT[BY_STAFF]: lazy_gettext("Not sent: staff have stopped mail to this address."),
}
"""Our own words on a mail that was held back, as its row has them."""


def reason_text(reason: str) -> str:
    """Why an address gets no mail."""
    return str(_REASONS[reason])


def stream_text(stream: str) -> str:
    """Which mail it does not get."""
    return str(_STREAMS[stream])
