"""Each route is asked by each role, about its own and about another's, and the table decides."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from services.chassis.policy import SEE_HEALTH, SIGN_IN
from services.chassis.rules import LINK, Action, Reach, may
from tests.databases import PostgresServer
from tests.permissions.routes import BODIES, FIXED, Body, Route, all_routes
from tests.permissions.world import PASSWORD, PEOPLE, World, form_token, make_world

_TOKEN = "token>"
_LAST = ("POST /staff/account/sign-ins/end", "POST /staff/sign-out")
ROUTES = sorted(
    all_routes(),
    key=lambda each: (*(each.name == last for last in _LAST[::-1]), _TOKEN in each.rule),
)
"""Who has followed a link has it, and who has signed out is nobody: these come last."""

_NARROWED = (Reach.OWN_AREAS, Reach.OWN_SESSIONS, Reach.OWN_LOCAL, Reach.OWN)
_OF_NOTHING_YET = ("POST /staff/workshops/<uuid:workshop_id>/sessions",)
"""What is made anew is its maker's, whatever the address names."""

_ANY_OF = re.compile(r"<any\((\w+)[^<>]*>")
_PART = re.compile(r"<(?:[^:<>]*:)?(\w+)>")
_REFUSALS = (401, 403, 404, 410)
_NOT_SET_UP = (
    "POST /hooks/sendgrid",
    "GET /staff/sign-in/provider",
    "GET /staff/sign-in/provider/back",
)
"""What is not there until a provider is set up; their own tests set one up."""
_LINKED = {
    "/data/<uuid:request_id>/erase": {"request_id": "own_erasure"},
    "/data/": {"request_id": "own_export"},
    "/my/": {"registration_id": "own_place"},
    "/roster/": {"recipient_id": "own_roster"},
    "/staff/sign-in/new-password/": {"staff_id": "own_account"},
    "/unsubscribe/": {"delivery_id": "announced_id"},
}
"""What stands for a part where the address is one that a link leads to."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from lived_in(make_world(tmp_path_factory.mktemp("world")))


@pytest.fixture
def world_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> Iterator[World]:
    yield from lived_in(make_world(tmp_path, **postgres.settings()))


def lived_in(world: World) -> Iterator[World]:
    """With all links followed; closed at the end."""
    for link in world.halves["own"].links:
        assert world.browsers[LINK].get(link).status_code == 302
    yield world
    world.close()


def parts_of(route: Route) -> dict[str, str]:
    """The parts of the address and of the body that name a thing, by what stands for them."""
    renamed = next((each for start, each in _LINKED.items() if route.rule.startswith(start)), {})
    rule = _ANY_OF.sub(r"\1", route.rule)
    inside = {name: renamed.get(name, name) for name in _PART.findall(rule)}
    return {name: key for name, key in inside.items() if name not in FIXED}


def is_about_a_thing(route: Route) -> bool:
    if route.name in _OF_NOTHING_YET:
        return False
    body = str(BODIES.get(route.name, Body()))
    named = set(re.findall(r"{(\w+)}", body)) - {"fresh_id", "password", "who"}
    return bool(parts_of(route) or named)


def address(route: Route, world: World, half: str) -> str:
    names = world.halves[half].names | FIXED
    if _TOKEN in route.rule:
        start = route.rule.partition("<")[0]
        good = next(each for each in world.halves["own"].links if each.startswith(start))
        return good if half == "own" else good[:-9] + good[-9:].swapcase()
    keys = parts_of(route)
    rule = _ANY_OF.sub(r"\1", route.rule)
    return _PART.sub(lambda part: names[keys.get(part[1], part[1])], rule)


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(each, names) for key, each in value.items()}
    return value.format(**names) if isinstance(value, str) else value


def ask(route: Route, world: World, who: str, half: str) -> TestResponse:
    """The request as this person's browser or program makes it."""
    path, body = address(route, world, half), BODIES.get(route.name, Body())
    made_up = {"fresh_id": str(uuid4()), "password": PASSWORD, "who": who}
    names = world.halves[half].names | made_up
    options: dict[str, Any] = {"method": route.method, "buffered": True}
    if path.startswith("/api/"):
        if bearer := world.bearers[who]:
            options["headers"] = {"Authorization": f"Bearer {bearer}"}
        if body.json is not None:
            options["json"] = filled(body.json, names)
    elif route.method == "POST":
        token = form_token(world.browsers[who], world.halves["own"])
        options["data"] = filled(body.form, names) | {"csrf_token": token}
    return world.browsers[who].open(path, **options)


def is_expected(route: Route, action: Action, world: World, who: str, half: str) -> bool:
    """What the table says."""
    if route.name in _NOT_SET_UP:
        return False
    if _TOKEN in route.rule:
        return half == "own"
    if LINK in action.rights:
        return who == LINK and half == "own"
    thing = world.halves[half].thing if is_about_a_thing(route) else None
    return may(world.actors[who], action, thing)


def was_let_in(answer: TestResponse, action: Action) -> bool:
    assert answer.status_code < 500 or action is SEE_HEALTH, answer.text
    assert answer.status_code != 400, "the form itself was refused"
    is_sent_away = answer.headers.get("Location", "").startswith("/staff/sign-in?next=")
    return answer.status_code not in _REFUSALS and (action is SIGN_IN or not is_sent_away)


def cells(route: Route) -> Iterator[tuple[str, str]]:
    halves = ("own", "other") if is_about_a_thing(route) else ("own",)
    return ((who, half) for who in PEOPLE for half in halves)


@pytest.mark.parametrize("route", ROUTES, ids=lambda each: f"{each.service} {each.name}")
def test_the_table_decides(route: Route, world: World) -> None:
    assert route.action is not None, "this route names no action of the policy"
    found = {cell: was_let_in(ask(route, world, *cell), route.action) for cell in cells(route)}
    expected = {cell: is_expected(route, route.action, world, *cell) for cell in cells(route)}
    assert found == expected


def test_what_the_table_narrows_is_narrowed_on_postgresql_as_well(
    world_on_postgresql: World,
) -> None:
    """In one go, for those whose reach the database is asked for."""
    found, expected = {}, {}
    for route in ROUTES:
        assert route.action is not None
        for who, half in cells(route):
            if route.action.rights.get(who) in _NARROWED:
                answer = ask(route, world_on_postgresql, who, half)
                key = (route.service, route.name, who, half)
                found[key] = was_let_in(answer, route.action)
                expected[key] = is_expected(route, route.action, world_on_postgresql, who, half)
    assert len(found) > 100
    assert found == expected


def test_the_matrix_is_as_large_as_it_must_be() -> None:
    assert sum(len(list(cells(each))) for each in ROUTES) >= 400
