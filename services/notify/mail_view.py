"""One mail of the log with all that is known of it: tries, reports, copies, and what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.notify.kinds import FOR_ITS_READER_ALONE
from services.notify.models import ACCEPTED, Attempt, Delivery, ProviderEvent
from services.notify.opened_mail import OpenMail, opened
from services.notify.sent_copies import copy_of


@dataclass(frozen=True)
class MailView:
    """A mail, in the order of time what became of it, and the message while it is kept."""

    delivery: Delivery
    attempts: Sequence[Attempt]
    reports: Sequence[ProviderEvent]
    original: Delivery | None
    copies: Sequence[Delivery]
    message: OpenMail | None

    @property
    def settled_at(self) -> datetime | None:
        """When it came into its state, as far as that is known."""
        if self.delivery.settled_at:
            return self.delivery.settled_at
        if self.delivery.state == ACCEPTED:
            return self.delivery.accepted_at
        return self.attempts[-1].ended_at if self.attempts else None

    @property
    def was_forgotten(self) -> bool:
        """Whether there was a message, which is kept no longer."""
        return self.message is None and bool(self.delivery.mail_subject)


def mail_view(db: Session, delivery_id: UUID) -> MailView | None:
    """All that is known of a mail; None when there is none with this id."""
    delivery = db.get(Delivery, delivery_id)
    if delivery is None:
        return None
    attempts = sa.select(Attempt).where(Attempt.delivery_id == delivery_id)
    reports = sa.select(ProviderEvent).where(ProviderEvent.delivery_id == delivery_id)
    return MailView(
        delivery=delivery,
        attempts=db.scalars(attempts.order_by(Attempt.started_at, Attempt.id)).all(),
        reports=db.scalars(reports.order_by(ProviderEvent.at, ProviderEvent.id)).all(),
        original=db.get(Delivery, delivery.resend_of_id) if delivery.resend_of_id else None,
        copies=db.scalars(copies_of(delivery).order_by(Delivery.id)).all(),
        message=message_of(db, delivery),
    )


def message_of(db: Session, delivery: Delivery) -> OpenMail | None:
    """What was sent last; None when nothing was, it is kept no longer, or is no matter of staff."""
    is_hidden = delivery.kind in FOR_ITS_READER_ALONE
    content = None if is_hidden else copy_of(db, delivery.id)
    return None if content is None else opened(delivery.id, content)


def copies_of(delivery: Delivery) -> sa.Select[Delivery]:
    """The mails that repeat this one; they are about the same subject, which is indexed."""
    return sa.select(Delivery).where(
        Delivery.subject_id == delivery.subject_id, Delivery.resend_of_id == delivery.id
    )
