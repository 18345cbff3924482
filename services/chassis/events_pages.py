"""Parked events: where staff read what could not be handled, and have it tried again."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.inbox import PARKED, InboxRow
from services.chassis.policy import MEND_EVENTS
from services.chassis.refusals import refusals
from services.chassis.running import runtime
from services.chassis.wall_clock import by_the_clock, which_clock


def events_pages(service: str) -> Blueprint:
    """The parked events of one service."""
    pages = Blueprint("events", __name__, url_prefix=f"/staff/events/{service}")

    @pages.get("/")
    @allowed(MEND_EVENTS)
    def parked() -> str:
        with runtime().database.reading() as db:
            query = sa.select(InboxRow).where(InboxRow.outcome == PARKED)
            rows = db.scalars(query.order_by(InboxRow.received_at.desc())).all()
            refused = refusals(db)
        return render_template(
            "turnout/parked.html",
            service=service,
            rows=rows,
            refused=refused,
            written=by_the_clock,
            zone=which_clock(),
        )

    @pages.post("/<uuid:event_id>/replay")
    @allowed(MEND_EVENTS)
    def replay(event_id: UUID) -> Response:
        worked = runtime().inbox.replay(event_id, datetime.now(UTC))
        if worked:
            flash(_("The event was handled."), "success")
        else:
            flash(_("The event failed again; its error is shown below."), "error")
        return redirect(url_for("events.parked"))

    return pages
