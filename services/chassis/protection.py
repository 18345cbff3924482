"""What every answer carries and every request must show, whatever page it is for.

The headers are put on outside of Flask, so that no error, redirect or file goes without them.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request
from werkzeug.exceptions import BadRequest, Forbidden
from werkzeug.sansio.utils import host_is_trusted

from services.chassis.config import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ONE_YEAR = "max-age=31536000"

_CHANGES = ("DELETE", "PATCH", "POST", "PUT")
_CALLED_OTHERWISE = "turnout.called_otherwise"
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class ForeignForm(Forbidden):
    """A form that a page of another site sent, with or without its reader's knowing."""


class WrongHost(BadRequest):
    """A request that calls this site by a name that is not its own."""


def trusted_hosts(settings: Settings) -> list[str]:
    """The names that a request may call this site: its own, and this machine's for itself."""
    return [str(urlsplit(settings.base_url).hostname), *_LOOPBACK]


def set_up_protection(app: Flask, settings: Settings, exempt: Iterable[str]) -> None:
    """Guard the app; `exempt` are the blueprints that programs of other sites post to."""
    hooks, site = frozenset(exempt), urlsplit(settings.base_url).netloc

    @app.before_request
    def refuse() -> None:
        if request.environ.get(_CALLED_OTHERWISE):
            raise WrongHost
        changes = request.method in _CHANGES and request.blueprint not in hooks
        if changes and _is_foreign(site):
            raise ForeignForm

    inner = _called_by_its_name(app.wsgi_app, settings)
    app.wsgi_app = _with_headers(inner, settings)  # type: ignore[assignment, method-assign]


def _is_foreign(site: str) -> bool:
    """Whether the browser says that another site's page sent this.

    Without a referrer, as ours are, a page's origin is `null` to a browser that does not say
    where a form is from. The token that each form carries is checked as well.
    """
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin", "null")
    return origin != "null" and origin.partition("://")[2] not in (request.host, site)


def _called_by_its_name(app: WSGIApplication, settings: Settings) -> WSGIApplication:
    """Answer another name as the site itself, for Flask could not even show the error then."""
    trusted = trusted_hosts(settings)

    def named(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        if not host_is_trusted(environ.get("HTTP_HOST") or environ["SERVER_NAME"], trusted):
            environ |= {"HTTP_HOST": urlsplit(settings.base_url).netloc, _CALLED_OTHERWISE: True}
        return app(environ, respond)

    return named


def _with_headers(app: WSGIApplication, settings: Settings) -> WSGIApplication:
    added = HEADERS | ({"Strict-Transport-Security": ONE_YEAR} if settings.secure else {})
    named = [(name.lower(), (name, value)) for name, value in added.items()]

    def protected(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *problem: Any) -> Any:
            present = {name.lower() for name, _value in headers}
            ours = [header for name, header in named if name not in present]
            return respond(status, [*headers, *ours], *problem)

        return app(environ, begin)

    return protected
