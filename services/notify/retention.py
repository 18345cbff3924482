"""How long messages are kept as they were sent: the clock deletes them when their time is over."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from services.chassis.log import logger
from services.chassis.service import Runtime
from services.notify.models import SentCopy

KEPT_DAYS = 90
AT_ONCE = 500

log = logger(__name__)


def forget_old_messages(runtime: Runtime, now: datetime) -> int:
    """Delete the oldest messages whose time is over; returns how many, to be called again if any.

    The delivery, its attempts and the provider's reports stay.
    """
    too_old = SentCopy.stored_at < now - timedelta(days=KEPT_DAYS)
    oldest = sa.select(SentCopy.delivery_id).where(too_old).order_by(SentCopy.stored_at)
    with runtime.database.reading() as db:
        ids = db.scalars(oldest.limit(AT_ONCE)).all()
    if not ids:
        return 0
    with runtime.database.writing() as db:
        db.execute(sa.delete(SentCopy).where(SentCopy.delivery_id.in_(ids), too_old))
    log.info("old messages forgotten", count=len(ids))
    return len(ids)
