"""Which paths of the site belong to which service, and the site served by one process.

The proxy of the container set-up routes by the same table; a test holds the two together.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Response

from infra.composition import begin
from services.chassis.config import Settings
from services.chassis.health_pages import readiness
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.contracts import SERVICES

PATHS: Mapping[str, tuple[str, ...]] = {
    "registration": (
        "/sign-up/*",
        "/my/*",
        "/data/*",
        "/roster/*",
        "/staff",
        "/staff/",
        "/staff/sign-in",
        "/staff/sign-in/*",
        "/staff/sign-out",
        "/staff/sessions/*",
        "/staff/registrations/*",
        "/staff/organisations",
        "/staff/organisations/*",
        "/staff/account",
        "/staff/account/*",
        "/staff/accounts",
        "/staff/accounts/*",
        "/staff/permissions",
        "/staff/tokens",
        "/staff/tokens/*",
        "/staff/tasks",
        "/staff/tasks/*",
        "/staff/discrepancies",
        "/staff/messages",
        "/staff/messages/*",
        "/staff/digest",
        "/staff/events/registration",
        "/staff/events/registration/*",
        "/staff/audit/registration/",
        "/readyz/registration",
        "/api/v1/sessions/*/registrations",
        "/api/v1/sessions/*/roster",
        "/api/v1/registrations/*",
        "/api/v1/registration/*",
    ),
    "notify": (
        "/mailbox",
        "/mailbox/*",
        "/unsubscribe/*",
        "/privacy",
        "/hooks/sendgrid",
        "/staff/mail",
        "/staff/mail/*",
        "/staff/events/notify",
        "/staff/events/notify/*",
        "/staff/audit/notify/",
        "/readyz/notify",
        "/api/v1/notify/*",
    ),
}
"""A star at the end of a path stands for anything, elsewhere for one part between slashes."""

ALL_ELSE = "catalog"
_made_before: list[tuple[Settings, WSGIApplication]] = []


def owner(path: str) -> str:
    """The service that answers this path."""
    for service, pattern in _patterns().items():
        if pattern.fullmatch(path):
            return service
    return ALL_ELSE


def make_site(settings: Settings) -> None:
    """Make the whole site once, for a process that will be forked from this one to serve."""
    _made_before.append((settings, whole_site(settings)))


def whole_site(settings: Settings, *, behind_proxy: bool = False) -> WSGIApplication:
    """The three web apps as one."""
    for made_for, made in _made_before:
        if made_for == settings and not behind_proxy:
            return made
    runtimes = {name: begin(name, settings) for name in SERVICES}
    apps = {name: create_app(each, behind_proxy=behind_proxy) for name, each in runtimes.items()}

    def site(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/readyz":
            return _readiness_of_all(runtimes.values())(environ, respond)
        return apps[owner(path)](environ, respond)

    return site


def _readiness_of_all(runtimes: Iterable[Runtime]) -> Response:
    """Where one process serves the whole site, it can answer for all three services."""
    now = datetime.now(UTC)
    told = [readiness(each, now) for each in runtimes]
    ready = all(each["ready"] for each in told)
    body = json.dumps({"ready": ready, "services": told})
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(body, 200 if ready else 503, headers, content_type="application/json")


def web_app(name: str, settings: Settings, *, behind_proxy: bool = False) -> WSGIApplication:
    """The web app of one service."""
    app: WSGIApplication = create_app(begin(name, settings), behind_proxy=behind_proxy)
    return app


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {name: re.compile("|".join(map(_pattern, paths))) for name, paths in PATHS.items()}


def _pattern(path: str) -> str:
    open_ended = path.endswith("/*")
    middle = re.escape(path.removesuffix("*")).replace(r"\*", "[^/]*")
    return middle + (".*" if open_ended else "")
