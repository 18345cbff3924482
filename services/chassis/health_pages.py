"""Health over HTTP: whether the process answers, and whether the service gets on."""

from datetime import UTC, datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from services.chassis.access import allowed
from services.chassis.health import read_health
from services.chassis.policy import SEE_HEALTH
from services.chassis.running import runtime


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
    """`/healthz` for the process, `/health/<service>` for the service: 503 with its problems."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    @allowed(SEE_HEALTH)
    @pages.response(200, Alive)
    def alive() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @pages.get(f"/health/{service}")
    @allowed(SEE_HEALTH)
    @pages.response(200, Ready)
    @pages.alt_response(503, schema=Ready, description="Something stands still.", success=True)
    def ready() -> tuple[dict[str, Any], int]:
        """Tell whether the service gets on."""
        health = read_health(runtime().database, datetime.now(UTC))
        return {
            "service": service,
            "ready": health.ready,
            "problems": health.problems,
            "outbox_waiting": health.outbox_waiting,
            "parked": health.parked,
        }, 200 if health.ready else 503

    return pages
