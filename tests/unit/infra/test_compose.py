"""The container set-up runs every process of every service, and gives away no secret."""

from pathlib import Path

import click
import pytest
import yaml

from infra.cli import turnout
from services.contracts import SERVICES

COMPOSE = Path("docker-compose.yml")
OTHERS = {"proxy", "valkey", "postgres", "migrate", "reconcile", "mailcatcher"}
KNOW_ALL = {"migrate", "reconcile"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def ours(compose):
    return {
        name: container
        for name, container in compose["services"].items()
        if container["image"] == "turnout"
    }


def test_every_service_has_a_web_a_worker_and_a_clock_container(compose):
    wanted = {f"{service}-{kind}" for service in SERVICES for kind in ("web", "worker", "clock")}
    assert set(compose["services"]) == wanted | OTHERS


@pytest.mark.parametrize("service", SERVICES)
def test_each_container_runs_its_own_service_and_checks_its_own_progress(compose, service):
    for kind, extra in (("web", ["--behind-proxy"]), ("worker", []), ("clock", [])):
        container = compose["services"][f"{service}-{kind}"]
        check = ["CMD", "turnout", "health", service, "--of", kind]
        assert container["command"] == [kind, service, *extra]
        assert container["healthcheck"]["test"] == check


def test_the_nightly_check_has_a_clock_of_its_own(compose):
    container = compose["services"]["reconcile"]
    check = ["CMD", "turnout", "health", "registration", "--of", "reconcile"]
    assert container["command"] == ["clock", "reconcile"]
    assert container["healthcheck"]["test"] == check
    told = {each for each in container["environment"] if "DATABASE_URL" in each}
    assert told == {f"TURNOUT_{service.upper()}_DATABASE_URL_FILE" for service in SERVICES}


def test_every_command_is_one_that_turnout_knows(compose):
    for container in ours(compose).values():
        name, *arguments = container["command"]
        command = turnout.get_command(click.Context(turnout), name)
        assert command.make_context(name, arguments)


def test_a_service_is_told_the_address_of_its_own_database_only(compose):
    for name, container in ours(compose).items():
        told = {each for each in container["environment"] if "DATABASE_URL" in each}
        if name not in KNOW_ALL:
            service = name.partition("-")[0]
            assert told == {f"TURNOUT_{service.upper()}_DATABASE_URL_FILE"}


def test_every_secret_that_is_named_is_mounted_and_comes_from_a_file(compose):
    for container in ours(compose).values():
        files = {
            value.removeprefix("/run/secrets/")
            for name, value in container["environment"].items()
            if name.endswith("_FILE")
        }
        assert files == set(container["secrets"])
    assert all(each["file"].startswith("./secrets/") for each in compose["secrets"].values())


def test_the_script_makes_every_secret_that_is_mounted(compose):
    script = Path("infra/make-secrets").read_text(encoding="utf-8")
    for name in compose["secrets"]:
        made = name.replace(name.partition("_")[0], "${service}", 1)
        assert f"keep {name} " in script or f'keep "{made}" ' in script


def test_each_worker_and_clock_is_a_user_of_its_own_at_the_broker_and_no_other_knows_it(compose):
    for name, container in ours(compose).items():
        told = container["environment"].get("TURNOUT_REDIS_URL_FILE", "")
        service, _, kind = name.partition("-")
        wanted = f"/run/secrets/{service}_{kind}_broker_url" if kind in ("worker", "clock") else ""
        assert told == ("" if service == "nightly" else wanted)


def test_our_containers_restart_stop_in_time_and_may_do_little(compose):
    for name, container in ours(compose).items():
        assert container["restart"] == ("no" if name == "migrate" else "unless-stopped")
        assert container["stop_grace_period"] == "20s"
        assert container["read_only"]
        assert container["cap_drop"] == ["ALL"]


def test_the_broker_keeps_what_it_is_given(compose):
    command = " ".join(compose["services"]["valkey"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--aclfile /run/secrets/broker_users" in command


def test_each_service_gets_a_database_and_a_role_of_its_own():
    script = Path("infra/postgres/make-databases.sh").read_text(encoding="utf-8")
    assert f"for service in {' '.join(SERVICES)}; do" in script


def test_the_image_runs_as_nobody_special_and_takes_signals_itself():
    lines = Path("infra/Dockerfile").read_text(encoding="utf-8").splitlines()
    assert 'ENTRYPOINT ["turnout"]' in lines
    assert lines.index("USER turnout") < lines.index('ENTRYPOINT ["turnout"]')
