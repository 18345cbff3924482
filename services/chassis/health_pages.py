"""Health over HTTP: whether the process answers, and whether the service can do its work."""

from datetime import UTC, datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.chassis.access import allowed
from services.chassis.health import PAUSED, Problem, read_health
from services.chassis.pausing import is_paused
from services.chassis.policy import SEE_HEALTH
from services.chassis.revisions import newest_revision
from services.chassis.running import runtime
from services.chassis.service import Runtime


class Alive(Schema):
    """The process answers."""

    status = fields.String()


class Ready(Schema):
    """Whether the service gets on, and if not, what is wrong."""

    service = fields.String()
    ready = fields.Boolean()
    problems = fields.List(fields.String())
    outbox_waiting = fields.Integer()
    parked = fields.Integer()


def health_pages(service: str) -> Blueprint:
    """`/healthz` for the process; `/readyz` for its service, whose name may follow.

    The first is for whoever restarts or passes over a process: a restart mends no database. The
    second is for people and their monitors.
    """
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    @allowed(SEE_HEALTH)
    @pages.response(200, Alive)
    def alive() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @pages.get("/readyz")
    @pages.get(f"/readyz/{service}")
    @allowed(SEE_HEALTH)
    @pages.response(200, Ready)
    @pages.alt_response(503, schema=Ready, description="Something stands still.", success=True)
    def ready() -> tuple[dict[str, Any], int]:
        """Tell whether the service can do its work, and if not, what keeps it from it."""
        told = readiness(runtime(), datetime.now(UTC))
        return told, 200 if told["ready"] else 503

    return pages


def readiness(runtime: Runtime, now: datetime) -> dict[str, Any]:
    """Whether a service can do its work, and what keeps it from it."""
    name = runtime.service.name
    health = read_health(runtime.database, now, newest_revision(name))
    found = list(health.found)
    if is_paused(runtime.settings, name):
        found = [Problem(PAUSED, "paused for maintenance")]
    return {
        "service": name,
        "ready": not found,
        "problems": [each.told for each in found],
        "outbox_waiting": health.outbox_waiting,
        "parked": health.parked,
    }
