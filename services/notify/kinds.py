"""The kinds of mail there are, and which of them is true of whom and for how long."""

from services.contracts import Contract
from services.contracts.registrations import (
    OFFER_EXPIRING,
    REGISTRATION_CANCELLED,
    REGISTRATION_CLOSED,
    REGISTRATION_CONFIRMED,
    REGISTRATION_DECLINED,
    REGISTRATION_LAPSED,
    REGISTRATION_MOVED,
    REGISTRATION_OFFERED,
    REGISTRATION_REPEATED,
    REGISTRATION_WAITLISTED,
    REMINDER_DUE,
)

OFFERED, OFFER_ENDING, REMINDER, REPEATED = "offered", "offer_expiring", "reminder", "repeated"
NOTICE_CHANGED, NOTICE_CANCELLED, ROSTER = "notice_changed", "notice_cancelled", "roster"
GROUP_MESSAGE, DIGEST = "group_message", "digest"
LINK_TO_DATA, LINK_TO_PASSWORD = "link_to_data", "link_to_password"

STATUS_CONTRACTS: dict[Contract, str] = {
    REGISTRATION_CONFIRMED: "confirmed",
    REGISTRATION_WAITLISTED: "waitlisted",
    REGISTRATION_OFFERED: OFFERED,
    REGISTRATION_LAPSED: "lapsed",
    REGISTRATION_DECLINED: "declined",
    REGISTRATION_CANCELLED: "cancelled",
    REGISTRATION_MOVED: "moved",
    REGISTRATION_CLOSED: "closed",
}
"""Events that say what has become of a registration; the newest alone is true."""

REMARK_CONTRACTS: dict[Contract, str] = {
    OFFER_EXPIRING: OFFER_ENDING,
    REMINDER_DUE: REMINDER,
    REGISTRATION_REPEATED: REPEATED,
}
"""Events that say something more about a registration while its status lasts."""

STATUS_KINDS = frozenset(STATUS_CONTRACTS.values())
KINDS = (
    *STATUS_CONTRACTS.values(),
    *REMARK_CONTRACTS.values(),
    *(NOTICE_CHANGED, NOTICE_CANCELLED, ROSTER, GROUP_MESSAGE, DIGEST),
    *(LINK_TO_DATA, LINK_TO_PASSWORD),
)
FOR_ITS_READER_ALONE = frozenset({LINK_TO_DATA, LINK_TO_PASSWORD})
"""What has a link that does for its reader what staff may not do for them.

Nobody on staff reads it, sends a copy of it, or finds one that was kept.
"""
LIVE_STATUSES = frozenset({"waiting", "offered", "confirmed"})
