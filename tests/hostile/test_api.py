"""What each service's own description allows and forbids, tried: it is true, and nothing breaks."""

import time

import pytest
from flask import Flask

from services.chassis.web import create_app
from services.contracts import SERVICES
from tests.hostile.api_runs import explore, served
from tests.hostile.conftest import TOKEN, Target, dialects
from tests.hostile.effort import LONG, cases, report

FOR_PROGRAMS = ("/api/", "/hooks/", "/health", "/readyz")
ABOUT_ITSELF = ("openapi.json", "docs")
EXAMPLES = cases(short=2, long=20)


@pytest.fixture(params=dialects())
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def routes(app: Flask) -> set[tuple[str, str]]:
    """What programs may call: each address as OpenAPI writes it, with each method."""
    return {
        (_as_documented(rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(FOR_PROGRAMS) and not rule.rule.endswith(ABOUT_ITSELF)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def _as_documented(rule: str) -> str:
    return rule.replace("<uuid:", "{").replace(">", "}")


@pytest.mark.parametrize("target", SERVICES, indirect=True)
def test_the_description_has_each_route_for_programs_and_no_other(target: Target) -> None:
    app = create_app(target.runtime)
    document = app.test_client().get(f"/api/v1/{target.name}/openapi.json").json
    described = {
        (path, method.upper())
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert described == routes(app)
    assert described


@pytest.mark.parametrize("ids", ["ids it has", "ids it has not"] if LONG else ["ids it has"])
@pytest.mark.parametrize("who", ["staff", "anybody"] if LONG else ["staff"])
@pytest.mark.parametrize("target", SERVICES, indirect=True)
def test_nothing_that_can_be_sent_breaks_the_api_or_its_description(
    target: Target, who: str, ids: str
) -> None:
    began = time.monotonic()
    with served(create_app(target.runtime)) as url:
        found = explore(
            f"{url}/api/v1/{target.name}/openapi.json",
            examples=EXAMPLES,
            every_corner=LONG or target.name != "catalog",
            token=TOKEN if who == "staff" else "",
            known=target.ids if ids == "ids it has" else {},
        )
    seconds = round(time.monotonic() - began)
    report(f"API of {target.name} to {who}, {ids}", found.cases, seconds=seconds)
    assert found.failures == {}
    assert found.errors == []
    assert found.cases > cases(short=20, long=40)
