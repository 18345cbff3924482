"""The web side of a service: a Flask app with its pages, its API, and what all pages share."""

from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, g, request
from flask_wtf import CSRFProtect
from jinja2 import BytecodeCache, ChoiceLoader, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.middleware.proxy_fix import ProxyFix

from services.chassis.access import set_up_access
from services.chassis.api import set_up_api
from services.chassis.audit_pages import audit_pages
from services.chassis.delays_on_pages import set_up_delays
from services.chassis.errors import BeingLookedAfter, set_up_errors
from services.chassis.events_pages import events_pages
from services.chassis.i18n import set_up_languages
from services.chassis.keys import SESSIONS, keys_for
from services.chassis.log import logger
from services.chassis.pausing import is_paused
from services.chassis.protection import set_up_protection, trusted_hosts
from services.chassis.running import EXTENSION
from services.chassis.service import Runtime
from services.chassis.staff import StaffMember, current_staff, days_to_second_factor

STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 256 * 1024
MOST_FORM_PARTS = 100

log = logger(__name__)


class _CompiledTemplates(BytecodeCache):
    """Templates compiled once for all apps of a process, which share most of them."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what an app of this process has compiled already; Jinja checks its source."""
        if compiled := self._compiled.get(bucket.key):
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it for the others."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_compiled_templates = _CompiledTemplates()


def create_app(runtime: Runtime, *, behind_proxy: bool = False) -> Flask:
    """The web app of one service; `behind_proxy` trusts the address that one proxy reports."""
    service = runtime.service
    app = Flask(service.package, static_folder=str(STATIC), static_url_path="/static")
    app.config.update(_configuration(runtime))
    app.extensions[EXTENSION] = runtime
    _set_up_templates(app, service.package)
    set_up_languages(app)
    set_up_errors(app)
    set_up_delays(app)
    _set_up_requests(app)
    _set_up_pause(app, runtime)
    hooks = [pages.name for pages in service.hooks]
    set_up_protection(app, runtime.settings, exempt=hooks)
    csrf = CSRFProtect(app)
    for pages in (
        *service.pages,
        events_pages(service.name),
        audit_pages(service.name, service.acts),
    ):
        app.register_blueprint(pages)
    for pages in service.hooks:
        csrf.exempt(pages)
        app.register_blueprint(pages)
    set_up_api(app, service, csrf)
    set_up_access(app)
    if behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app


def _configuration(runtime: Runtime) -> dict[str, object]:
    settings = runtime.settings
    key, *older = [each.value for each in keys_for(settings, SESSIONS)]
    return {
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "MAX_FORM_MEMORY_SIZE": LARGEST_BODY,
        "MAX_FORM_PARTS": MOST_FORM_PARTS,
        "SECRET_KEY": key,
        "SECRET_KEY_FALLBACKS": older,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "__Host-turnout" if settings.secure else "turnout",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure,
        "TRUSTED_HOSTS": trusted_hosts(settings),
        "WTF_CSRF_SSL_STRICT": False,  # It wants a Referer, which our pages do not send.
        "WTF_CSRF_TIME_LIMIT": None,  # A form that is left open overnight still works.
    }


def _set_up_templates(app: Flask, package: str) -> None:
    loaders = [PackageLoader(package), PackageLoader("services.chassis")]
    app.jinja_loader = ChoiceLoader(loaders)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.bytecode_cache = _compiled_templates
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(
        lambda: {"staff": _shown_staff(), "days_to_second_factor": days_to_second_factor}
    )


def _shown_staff() -> StaffMember | None:
    """Who is signed in, for the masthead; nobody while the database cannot say.

    An error page must be shown even then.
    """
    if g.get("broken"):
        return None
    try:
        return current_staff()
    except sa.exc.OperationalError as problem:
        log.warning("database busy or away", kind=type(problem.orig).__name__)
        return None


def _set_up_pause(app: Flask, runtime: Runtime) -> None:
    """While an operator has paused the service, only its health and what is static answer."""

    @app.before_request
    def rest() -> None:
        if is_paused(runtime.settings, runtime.service.name) and _needs_the_service():
            g.broken = True
            raise BeingLookedAfter

    def _needs_the_service() -> bool:
        return request.endpoint != "static" and "health" not in request.blueprints


def _set_up_requests(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        clear_contextvars()
        bind_contextvars(correlation_id=str(uuid4()))
