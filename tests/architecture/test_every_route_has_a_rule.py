"""Every route of every service names the action of the policy that it is."""

import importlib
from pathlib import Path

import pytest

from services.chassis.access import action_of
from services.chassis.policy import ACTIONS
from services.chassis.service import start
from services.chassis.web import create_app
from services.contracts import SERVICES
from tests.databases import settings_for


def rules_of(service: str, folder: Path) -> dict[str, str]:
    """The action's name by method and path, empty where a route names none."""
    module = importlib.import_module(f"services.{service}.app")
    app = create_app(start(module.SERVICE, settings_for(folder)))
    found: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            action = action_of(app, rule.endpoint, method)
            found[f"{method} {rule.rule}"] = action.name if action else ""
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_no_route_is_without_a_rule(service: str, tmp_path: Path) -> None:
    rules = rules_of(service, tmp_path)
    assert [route for route, action in rules.items() if not action] == []


def test_every_action_is_known_by_its_own_name() -> None:
    assert {name: each.name for name, each in ACTIONS.items()} == {name: name for name in ACTIONS}
