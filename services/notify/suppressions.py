"""Addresses that get no mail, because it came back, its reader objected, or staff said so."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new, locked, table_of
from services.chassis.ids import new_id
from services.chassis.salted import PREFIX, is_of
from services.notify.models import ANNOUNCEMENT, SUPPRESSED, TRANSACTIONAL, Delivery, Suppression
from services.notify.outcomes import HARD_BOUNCE, SPAM_REPORT, say_bounced
from services.notify.outcomes import SUPPRESSED as NOT_TRIED

ALL = "all"
UNSUBSCRIBED, BY_STAFF = "unsubscribed", "by_staff"
HARD_BOUNCE_LASTS = timedelta(days=180)
"""Long enough to spare a dead address, short enough that a mailbox that is back is found again."""

LONGEST_LIST = 200
WHY_NOT_SENT = {
    HARD_BOUNCE: "Not sent: an earlier message to this address came back.",
    SPAM_REPORT: "Not sent: a message to this address was reported as spam.",
    UNSUBSCRIBED: "Not sent: the reader wants no more announcements.",
    BY_STAFF: "Not sent: staff have stopped mail to this address.",
}


class Stop(NamedTuple):
    """Why an address gets no mail: the reason's name, and somebody's words."""

    reason: str
    words: str


def suppress(
    db: Session,
    email: str,
    *,
    stream: str,
    reason: str,
    now: datetime,
    until: datetime | None = None,
    words: str = "",
    by: str = "",
) -> bool:
    """Let this address get no mail of one stream, or of `ALL`, until a moment or for good.

    Of two that overlap the one that lasts longer is kept; tells whether that is this one.
    """
    if not email:
        return False  # A report on a mail that is nobody's any more.
    key = {"address_key": address_key(email), "stream": stream}
    facts = {"reason": reason, "words": words, "since": now, "until": until, "by": by}
    if insert_new(db, Suppression, id=new_id(), **key, **facts):
        return True
    row = db.scalar(sa.select(Suppression).filter_by(**key).with_for_update())
    if row is None or _outlasts(row, until, now):
        if row is not None and row.reason == reason == UNSUBSCRIBED:
            row.since = max(row.since, now)  # What a consent must be newer than.
        return False
    for name, value in facts.items():
        setattr(row, name, value)
    return True


def suppress_dead(db: Session, email: str, *, words: str, at: datetime, now: datetime) -> None:
    """Spare an address that does not exist, as it was said at a moment, for a while."""
    until = at + HARD_BOUNCE_LASTS
    suppress(db, email, stream=ALL, reason=HARD_BOUNCE, words=words, now=now, until=until)


def heed_refusal(db: Session, email: str, at: datetime) -> bool:
    """Send no more announcements to a reader who said so at a moment; False if known already.

    Where staff have stopped them before, the reader's own word is news all the same: staff may
    let announcements go there again, and registration must know that they are not wanted.
    """
    query = sa.select(Suppression.id).where(
        Suppression.address_key == address_key(email),
        Suppression.stream == ANNOUNCEMENT,
        Suppression.reason == UNSUBSCRIBED,
        _in_force(at),
    )
    is_known = db.scalar(query) is not None
    suppress(db, email, stream=ANNOUNCEMENT, reason=UNSUBSCRIBED, now=at)
    return not is_known


def suppression_of(db: Session, email: str, stream: str, now: datetime) -> Stop | None:
    """Why this address gets no mail of this stream just now; None when it does."""
    key = address_key(email)
    for row in db.execute(_MAY_STOP, {"key": key, "stream": stream, "now": now}):
        if row.address_key == key or is_of(row.address_key, key):
            return Stop(row.reason, row.words)
    return None


def hold_back(db: Session, delivery: Delivery, now: datetime) -> bool:
    """Do not send a mail whose address gets none; tells whether it was held back.

    Who is left without news of their own workshop is a matter for staff, so that is told; an
    announcement that nobody wants is not.
    """
    found = suppression_of(db, delivery.recipient_email, delivery.stream, now)
    if found is None:
        return False
    delivery.state, delivery.error = SUPPRESSED, WHY_NOT_SENT[found.reason]
    delivery.settled_at = now
    if delivery.stream == TRANSACTIONAL:
        words = f"{delivery.error} {found.words}".strip()
        say_bounced(db, delivery, reason=NOT_TRIED, words=words, at=now, now=now)
    return True


def heed_consent(db: Session, email: str, at: datetime) -> None:
    """Let announcements go to somebody who unsubscribed, and at a later moment agreed anew."""
    db.execute(
        sa.delete(Suppression).where(
            Suppression.address_key.in_(_keys_of(db, email)),
            Suppression.stream == ANNOUNCEMENT,
            Suppression.reason == UNSUBSCRIBED,
            Suppression.since < at,
        )
    )


def lift(
    db: Session, suppression_id: UUID, *, reason: str, by: str, now: datetime
) -> Suppression | None:
    """Let an address get mail again; None when it is not in force. The row keeps who and why."""
    row = locked(db, Suppression, suppression_id)
    if row is None or (row.until is not None and row.until <= now):
        return None
    row.until, row.words, row.by = now, reason, by
    return row


def listed(db: Session, search: str, now: datetime) -> Sequence[Suppression]:
    """Those in force whose address has the search in it, the newest first."""
    query = sa.select(Suppression).where(_in_force(now))
    if search:
        found = Suppression.address_key.contains(address_key(search), autoescape=True)
        query = query.where(sa.or_(found, Suppression.address_key.in_(_keys_of(db, search))))
    return db.scalars(query.order_by(Suppression.since.desc()).limit(LONGEST_LIST)).all()


def address_key(email: str) -> str:
    """An address as it is compared: without regard to case, accents kept."""
    return unicodedata.normalize("NFC", email).strip().casefold()[:320]


def _keys_of(db: Session, email: str) -> list[str]:
    """What rows about an address are kept under: itself, or hashes from when it was erased."""
    hashes = sa.select(Suppression.address_key).where(Suppression.address_key.startswith(PREFIX))
    known = [each for each in db.scalars(hashes) if is_of(each, address_key(email))]
    return [address_key(email), *known]


def _in_force(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    return sa.or_(Suppression.until.is_(None), Suppression.until > now)


def _outlasts(row: Suppression, until: datetime | None, now: datetime) -> bool:
    """Whether the row is in force for longer than until then; the present one wins a draw."""
    if row.until is None:
        return True
    return row.until > now and until is not None and row.until >= until


STREAMS = (ALL, ANNOUNCEMENT)
"""What can be suppressed: transactional mail alone cannot be."""

_ROWS = table_of(Suppression).c
_MAY_STOP = (
    sa.select(_ROWS.address_key, _ROWS.reason, _ROWS.words)
    .where(
        sa.or_(
            _ROWS.address_key == sa.bindparam("key"),
            _ROWS.address_key.startswith(PREFIX),
        ),
        sa.or_(_ROWS.stream == ALL, _ROWS.stream == sa.bindparam("stream")),
        _in_force(sa.bindparam("now", type_=_ROWS.until.type)),
    )
    .order_by(_ROWS.stream)
)
"""What is in force for an address, or for one that only its owner knows by now."""
