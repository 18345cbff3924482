"""The JSON API of a service: flask-smorest with our errors, and a readable page of it."""

import json
from typing import Any, NoReturn

from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_smorest import Api, abort
from flask_wtf import CSRFProtect
from marshmallow import Schema, fields

from services.chassis.service import Service

VERSION = "v1"


STAFF: list[dict[str, list[str]]] = [{"token": []}]
"""The OpenAPI security requirement of what staff alone may do."""


class Problem(Schema):
    """An error, after RFC 9457 (problem details)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    reason = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


class _Api(Api):  # type: ignore[misc]
    """Errors are answered by `errors.py`, for pages and programs alike."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave the app's own handlers in place."""


def refuse(status: int, **details: Any) -> NoReturn:
    """End the request with a problem; `reason`, `message` and `messages` go into it."""
    abort(status, **details)
    raise AssertionError("abort() always raises")


def set_up_api(app: Flask, service: Service, csrf: CSRFProtect) -> None:
    """Register the service's API blueprints, its OpenAPI document and a page of it."""
    if not service.api:
        return
    prefix = f"/api/{VERSION}/{service.name}"
    app.config.update(
        API_TITLE=f"Turnout {service.name}",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=prefix,
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.before_request(_need_json)
    api = _Api(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in service.api:
        csrf.exempt(blueprint)
        api.register_blueprint(blueprint)
    app.add_url_rule(f"{prefix}/docs", "api_docs", lambda: _docs(api, prefix))


def _need_json() -> None:
    """Refuse a body that is not JSON with 415 or 400, not with a complaint about its fields."""
    sends = request.path.startswith("/api/") and request.method in ("POST", "PATCH", "PUT")
    if sends and request.content_length and not request.is_json:
        refuse(415)
    if sends and (body := request.get_data()):
        try:
            json.loads(body.decode())
        except (ValueError, RecursionError):  # Python also limits the digits and the depth.
            refuse(400, message=_("The body is not JSON that can be read."))


def _docs(api: Api, prefix: str) -> str:
    document: dict[str, Any] = api.spec.to_dict()
    return render_template(
        "turnout/api.html", document=document, json_href=f"{prefix}/openapi.json"
    )
