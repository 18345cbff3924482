"""Which mail a reader may reach: that of their areas, as the policy sees it."""

from uuid import UUID

import sqlalchemy as sa
from flask import abort
from sqlalchemy.orm import Session

from services.chassis.access import own_areas, require
from services.chassis.areas import in_areas, named
from services.chassis.policy import SEE_MAIL
from services.chassis.rules import Action, Thing
from services.notify.models import Delivery


def in_reach() -> sa.ColumnElement[bool]:
    """What narrows a list of mail to what the reader may see."""
    return in_areas(Delivery.area, own_areas(SEE_MAIL))


def seen_mail(db: Session, mail_id: UUID, action: Action) -> Delivery:
    """The mail, for whoever makes this request; 404 when unknown, 403 when not theirs."""
    delivery = db.get(Delivery, mail_id)
    if delivery is None:
        abort(404)
    require(action, Thing(areas=None if delivery.area is None else named(delivery.area)))
    return delivery
