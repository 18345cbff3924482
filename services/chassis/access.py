"""The door of every route: it names an action of the policy, and lets in whom the policy lets."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, redirect, request
from werkzeug.wrappers import Response

from services.chassis.audit_trail import follow, note_shown
from services.chassis.policy import ACTIONS, READ_CALENDAR
from services.chassis.rules import ANYBODY, Action, Actor, Reach, Thing, may
from services.chassis.staff import current_staff, presented_token
from services.chassis.token_use import note_use

Params = ParamSpec("Params")
Answer = TypeVar("Answer")


def allowed(
    action: Action,
) -> Callable[[Callable[Params, Answer]], Callable[Params, Answer | Response]]:
    """Say which action a route is, and let in only those who may do it to anything at all.

    Where it is done to one thing, the view asks `require` once it knows the thing. Whoever comes
    by a link is let in here: the view reads the link, which opens one thing only.
    """

    def decorate(view: Callable[Params, Answer]) -> Callable[Params, Answer | Response]:
        @wraps(view)
        def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Answer | Response:
            member = None if action.is_open else current_staff()
            if not action.is_open:
                if member is None:
                    return _ask_to_sign_in()
                if token := presented_token():
                    note_use(token, datetime.now(UTC))
                require(action)
            answer = partial(view, *args, **kwargs)
            return follow(action, member, answer, now=datetime.now(UTC))

        guarded.action = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def actor() -> Actor:
    """Who makes this request, as the policy sees them."""
    member, now = current_staff(), datetime.now(UTC)
    if member is None:
        return Actor(ANYBODY, now)
    return Actor(
        member.role,
        now,
        id=member.id,
        email=member.email,
        areas=frozenset(member.areas),
        organisation_id=member.organisation_id,
        actions=_limits(),
    )


def _limits() -> frozenset[str] | None:
    """The actions that the token of this request is limited to."""
    token = presented_token()
    return None if token is None or token.actions is None else frozenset(token.actions)


def own_areas(action: Action) -> frozenset[str]:
    """The areas to which a list of what the action is for is narrowed; none narrows nothing."""
    reader = actor()
    return reader.areas if action.rights.get(reader.role) is Reach.OWN_AREAS else frozenset()


def may_now(action: Action, thing: Thing | None = None) -> bool:
    """Whether whoever makes this request may do this."""
    return may(actor(), action, thing)


def sees(action: Action, thing: Thing | None = None) -> bool:
    """Whether they may see this; that it was shown is then written down, where it must be."""
    is_seen = may_now(action, thing)
    if is_seen and action.is_recorded:
        note_shown(action)
    return is_seen


def require(action: Action, thing: Thing | None = None) -> None:
    """End the request with 403 unless whoever makes it may do this; a look at a thing is noted."""
    if not may_now(action, thing):
        abort(403)
    if thing is not None and action.is_recorded:
        note_shown(action)


def action_of(app: Flask, endpoint: str, method: str) -> Action | None:
    """The action that a route named; None where it named none."""
    view: Any = app.view_functions[endpoint]
    if (kind := getattr(view, "view_class", None)) is not None:
        view = getattr(kind, method.lower(), None)
    return getattr(view, "action", None)


def set_up_access(app: Flask) -> None:
    """Declare the routes that libraries have made, and let templates ask what may be done."""
    for endpoint in ("static", "api_docs", "api-docs.openapi_json"):
        if endpoint in app.view_functions:
            view: Any = app.view_functions[endpoint]
            app.view_functions[endpoint] = allowed(READ_CALENDAR)(view)
    app.context_processor(lambda: {"may": _may_by_name, "sees": _sees_by_name})


def _may_by_name(name: str, thing: Thing | None = None) -> bool:
    """What templates call: `may("see_mail")`."""
    return may_now(ACTIONS[name], thing)


def _sees_by_name(name: str, thing: Thing | None = None) -> bool:
    """The same for what a template then shows: `sees("see_people", thing)`."""
    return sees(ACTIONS[name], thing)


def _ask_to_sign_in() -> Response:
    if request.path.startswith("/api/"):
        abort(401)
    if request.method != "GET":
        abort(403)
    return redirect(f"/staff/sign-in?{urlencode({'next': request.path})}")
