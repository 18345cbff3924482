"""The doctor names the cause in each state of a site, and says what to do about it."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from infra.composition import begin
from infra.disk_check import examine_disk
from services.chassis.health import RELAY, WORKER, beat
from services.chassis.ids import new_id
from services.chassis.inbox import PARKED, InboxRow
from services.chassis.pausing import pause
from services.contracts import SERVICES
from services.notify.models import FAILED, HELD, Delivery
from tests.brokers import Broker, a_broker
from tests.databases import SECRET, settings_for
from tests.notify.factories import confirmed
from tests.notify.post import receive
from tests.system.test_backup import run, well


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with a_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    data = tmp_path_factory.mktemp("migrated") / "var"
    data.mkdir()
    (data / "secret_key").write_text(SECRET)
    well(run(data, "migrate"))
    return data


@pytest.fixture
def data(migrated, tmp_path):
    """A site where every worker and every clock has just moved."""
    data = Path(shutil.copytree(migrated, tmp_path / "var"))
    for name in SERVICES:
        for process in (WORKER, RELAY):
            moved(data, name, process)
    return data


def moved(data, service, process, *, minutes_ago=0, error=""):
    runtime = begin(service, settings_for(data))
    beat(runtime.database, process, datetime.now(UTC) - timedelta(minutes=minutes_ago), error)
    runtime.database.dispose()


def write(data, service, *rows):
    runtime = begin(service, settings_for(data))
    with runtime.database.writing() as db:
        db.add_all(rows)
    runtime.database.dispose()


def examined(data, broker, **environ):
    """The problems that the doctor finds, each with what to do about it."""
    result = run(data, "doctor", **({"TURNOUT_REDIS_URL": broker.url} | environ))
    lines = result.stdout.splitlines()
    found = [
        (line.removeprefix("problem").strip(), lines[number + 1].strip())
        for number, line in enumerate(lines)
        if line.startswith("problem")
    ]
    assert result.exit_code == (1 if found else 0)
    return found


def only(found, told, cure):
    assert len(found) == 1, found
    assert told in found[0][0]
    assert cure in found[0][1]


def test_nothing_is_wrong_with_a_site_that_gets_on(data, broker):
    assert examined(data, broker) == []


def test_a_broker_that_is_away_is_the_only_cause_told(data, broker, tmp_path):
    for name in SERVICES:
        moved(data, name, WORKER, minutes_ago=5)
        moved(data, name, RELAY, error="OperationalError")
    nobody = Broker(tmp_path / "nobody")
    only(examined(data, nobody), "broker: does not answer", "TURNOUT_REDIS_URL")


@pytest.mark.parametrize("service", SERVICES)
def test_a_worker_that_does_not_run_is_named(data, broker, service):
    moved(data, service, WORKER, minutes_ago=5)
    only(examined(data, broker), f"{service}: worker has not moved", f"turnout worker {service}")


@pytest.mark.parametrize("service", SERVICES)
def test_a_clock_that_does_not_run_is_named(data, broker, service):
    moved(data, service, RELAY, minutes_ago=5)
    only(examined(data, broker), f"{service}: clock has not moved", f"turnout clock {service}")


def test_without_any_clock_no_worker_is_blamed(data, broker):
    for name in SERVICES:
        moved(data, name, WORKER, minutes_ago=5)
        moved(data, name, RELAY, minutes_ago=5)
    told = [told for told, _cure in examined(data, broker)]
    assert [each.partition(" has")[0] for each in told] == [f"{name}: clock" for name in SERVICES]


@pytest.mark.parametrize("service", SERVICES)
def test_a_database_that_is_away_is_named_with_its_setting(data, broker, service):
    setting = f"TURNOUT_{service.upper()}_DATABASE_URL"
    away = {setting: "postgresql://nobody@127.0.0.1:1/nothing"}
    only(examined(data, broker, **away), f"{service}: database does not answer", setting)


def test_migrations_that_are_behind_are_named(data, broker):
    runtime = begin("catalog", settings_for(data))
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    runtime.database.dispose()
    only(examined(data, broker), "catalog: migrations are not at", "turnout migrate")


def test_a_disk_that_is_nearly_full_is_named(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    assert examine_disk(tmp_path, least_free=free // 2).well
    nearly_full = examine_disk(tmp_path, least_free=free * 2)
    assert nearly_full.told.startswith("nearly full: ")
    assert "Make room" in nearly_full.cure


def a_mail(data, state, error):
    runtime = begin("notify", settings_for(data))
    receive(runtime, confirmed(), at=datetime.now(UTC))
    with runtime.database.writing() as db:
        db.execute(sa.update(Delivery).values(state=state, error=error))
    runtime.database.dispose()


def test_mail_that_was_refused_is_quoted(data, broker):
    a_mail(data, FAILED, "535 5.7.8 Authentication failed")
    only(examined(data, broker), "535 5.7.8 Authentication failed", "/staff/mail")


def test_mail_that_is_held_is_counted(data, broker):
    a_mail(data, HELD, "")
    only(examined(data, broker), "mail: 1 are held", "/staff/mail/held")


def test_events_that_are_parked_are_named(data, broker):
    row = InboxRow(
        event_id=new_id(),
        producer="catalog",
        type="session.published.v1",
        subject="one",
        received_at=datetime.now(UTC),
        outcome=PARKED,
        attempts=5,
        error="KeyError",
    )
    write(data, "registration", row)
    only(examined(data, broker), "registration: events are parked", "/staff/events/registration/")


def test_another_secret_key_is_named_once_for_each_database_and_can_be_accepted(data, broker):
    other = {"TURNOUT_SECRET_KEY": "another secret that only the tests know"}
    found = examined(data, broker, **other)
    assert [told for told, _cure in found] == [
        f"{name}: the secret key is not the one that its links were signed with"
        for name in SERVICES
    ]
    assert all("TURNOUT_SECRET_KEY_PREVIOUS" in cure for _told, cure in found)
    assert examined(data, broker, TURNOUT_SECRET_KEY_PREVIOUS=SECRET, **other) == []
    well(run(data, "migrate", "--accept-key", **other))
    assert examined(data, broker, **other) == []


def test_a_paused_service_is_named(data, broker):
    pause(settings_for(data), "notify")
    only(examined(data, broker), "notify: is paused", "turnout resume notify")
