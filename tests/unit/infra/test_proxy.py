"""The proxy of the container set-up routes as the one-process site does."""

import re
from pathlib import Path

import pytest

from infra.site import ALL_ELSE, PATHS
from services.chassis.protection import HEADERS
from services.contracts import SERVICES

CADDYFILE = Path("infra/proxy/Caddyfile")


@pytest.fixture(scope="module")
def directives() -> list[str]:
    """The file's lines, those that a backslash continues joined."""
    text = CADDYFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.mark.parametrize("service", PATHS)
def test_the_proxy_knows_the_same_paths(directives, service):
    named = f"@{service} path "
    (paths,) = [line.removeprefix(named) for line in directives if line.startswith(named)]
    assert tuple(paths.split()) == PATHS[service]


def test_each_group_of_paths_goes_to_its_own_service_and_the_rest_to_the_catalog(directives):
    text = " ".join(directives)
    routes = re.findall(r"handle (?:@(\w+) )?\{ reverse_proxy (\S+) \}", text)
    assert routes == [
        *((service, f"{service}-web:8000") for service in PATHS),
        ("", f"{ALL_ELSE}-web:8000"),
    ]


def test_no_service_is_forgotten():
    assert {*PATHS, ALL_ELSE} == set(SERVICES)


def test_the_proxys_own_answers_have_the_headers_of_the_sites(directives):
    assert [name for name in HEADERS if not any(f"?{name} " in line for line in directives)] == []
    assert directives.count("import protected") == 2


def test_no_log_of_the_proxys_has_an_address(directives):
    assert "request>uri delete" in directives
    assert "request>headers delete" in directives
    assert not [line for line in directives if line.startswith("log ") and line != "log {"]
