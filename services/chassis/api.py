"""The JSON API of a service: flask-smorest with our errors, and a readable page of it."""

import json
from http import HTTPStatus
from typing import Any, NoReturn

from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_smorest import Api, abort
from flask_smorest.pagination import PaginationMetadataSchema
from flask_wtf import CSRFProtect
from marshmallow import Schema, fields

from services.chassis.errors import PROBLEM
from services.chassis.health_pages import health_pages
from services.chassis.service import Service
from services.contracts.storable import DEEPEST

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


A_PROBLEM: dict[str, Any] = {"schema": Problem, "content_type": PROBLEM}
"""How the description tells of an answer that is an error."""


class _Api(Api):  # type: ignore[misc]
    """Errors are answered by `errors.py`, for pages and programs alike."""

    def _register_error_handlers(self) -> None:
        """Leave the app's own handlers in place."""

    def _register_responses(self) -> None:
        """Describe errors as they are sent: as problems, not as plain JSON."""
        content = {PROBLEM: {"schema": Problem}}
        others = {"DEFAULT_ERROR": "An error"}
        for name, phrase in ({each.name: each.phrase for each in HTTPStatus} | others).items():
            described = {"description": phrase, "content": content}
            self.spec.components.response(name, described, lazy=True)

    def _register_pagination_header(self) -> None:
        """Describe the header as what it holds: JSON in a text."""
        content = {"application/json": {"schema": PaginationMetadataSchema}}
        described = {"description": "Which page this is", "content": content}
        self.spec.components.header("PAGINATION", described, lazy=True)


def refuse(status: int, **details: Any) -> NoReturn:
    """End the request with a problem; `reason`, `message` and `messages` go into it."""
    abort(status, **details)
    raise AssertionError("abort() always raises")


def set_up_api(app: Flask, service: Service, csrf: CSRFProtect) -> None:
    """Register the service's API blueprints, its OpenAPI document and a page of it."""
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
    for blueprint in (*service.api, health_pages(service.name)):
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
            too_deep = _is_deeper(json.loads(body.decode()), DEEPEST)
        except (ValueError, RecursionError):  # Python also limits the digits and the depth.
            too_deep = True
        if too_deep:
            refuse(400, message=_("The body is not JSON that can be read."))


def _is_deeper(value: Any, levels: int) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(not levels or _is_deeper(each, levels - 1) for each in parts)


def _docs(api: Api, prefix: str) -> str:
    document: dict[str, Any] = api.spec.to_dict()
    return render_template(
        "turnout/api.html", document=document, json_href=f"{prefix}/openapi.json"
    )
