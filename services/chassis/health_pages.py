"""Health over HTTP: whether the process answers, and whether the service gets on."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify

from services.chassis.access import allowed
from services.chassis.health import read_health
from services.chassis.policy import SEE_HEALTH
from services.chassis.running import runtime


def health_pages(service: str) -> Blueprint:
    """`/healthz` for the process, `/health/<service>` for the service: 503 with its problems."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    @allowed(SEE_HEALTH)
    def alive() -> Response:
        return jsonify(status="ok")

    @pages.get(f"/health/{service}")
    @allowed(SEE_HEALTH)
    def ready() -> tuple[Response, int]:
        health = read_health(runtime().database, datetime.now(UTC))
        body = jsonify(
            service=service,
            ready=health.ready,
            problems=health.problems,
            outbox_waiting=health.outbox_waiting,
            parked=health.parked,
        )
        return body, 200 if health.ready else 503

    return pages
