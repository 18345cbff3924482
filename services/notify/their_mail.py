"""Which mail is somebody's: about a place of theirs, or to their address and name."""

import sqlalchemy as sa

from services.chassis.erasing import Order
from services.notify.kinds import DIGEST, LINK_TO_PASSWORD, ROSTER
from services.notify.models import Delivery

_OF_THE_ACCOUNT = (ROSTER, DIGEST, LINK_TO_PASSWORD)
"""What somebody gets for the work that they do, and not as a member."""


def theirs(order: Order) -> sa.ColumnElement[bool]:
    """The mail of the person that was called for before the order."""
    who = order.who
    to_them = [sa.func.lower(Delivery.recipient_email) == who["email"].lower()]
    if who["name"]:
        to_them.append(Delivery.recipient_name.ilike(who["name"].replace("%", "")))
    if who["is_staff"]:
        to_them.append(Delivery.kind.not_in(_OF_THE_ACCOUNT))
    about_them = Delivery.subject_id.in_(who["registration_ids"])
    return sa.and_(Delivery.event_time <= order.asked_at, sa.or_(about_them, sa.and_(*to_them)))
