"""What a service hears of the others, what readers are told of it, and what /readyz says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from celery import Celery
from flask.testing import FlaskClient

from infra.composition import begin
from infra.migrations import revisions
from services.chassis.broker import make_celery
from services.chassis.health import RELAY, WORKER, beat
from services.chassis.neighbours import LATE, SILENT, UNHEARD, Delay, delays, hear, silent_since
from services.chassis.pausing import pause, resume
from services.chassis.relay import LONGEST_QUEUE_TO_RESEND_INTO, send_canary
from services.chassis.revisions import newest_revision
from services.chassis.service import Runtime, start
from services.chassis.web import create_app
from services.chassis.worker import add_tasks
from services.contracts import SERVICES
from services.contracts.plumbing import CANARY
from services.registration.app import SERVICE
from tests.brokers import Broker, a_broker
from tests.chassis.conftest import NOW
from tests.chassis.test_events import announce
from tests.databases import StartService, settings_for
from tests.messages import carry_out
from tests.pages import visit


@pytest.fixture
def dialect() -> str:
    return "sqlite"


def found(runtime: Runtime, now: datetime) -> list[Delay]:
    with runtime.database.reading() as db:
        return delays(db, "registration", now)


def heard(runtime: Runtime, service: str, *, is_late: bool = False, at: datetime = NOW) -> None:
    with runtime.database.writing() as db:
        hear(db, service, sent_at=at, is_late=is_late)


def test_a_canary_of_another_service_shows_that_its_news_has_arrived(runtime: Runtime) -> None:
    add_tasks(runtime.celery, {"registration": runtime})
    message = CANARY.dump({"sent_at": NOW, "service": "notify", "is_late": True})
    carry_out(runtime, CANARY.type, message)
    assert found(runtime, NOW) == [Delay("notify", LATE)]
    later = NOW + timedelta(seconds=91)
    assert found(runtime, later) == [Delay("notify", SILENT, NOW)]


def test_nothing_is_late_on_a_site_that_has_just_begun(runtime: Runtime) -> None:
    assert found(runtime, NOW) == []
    with runtime.database.reading() as db:
        assert silent_since(db, "catalog", NOW) is None


def test_an_event_that_is_not_confirmed_for_two_minutes_shows_who_does_not_take_it(
    runtime: Runtime,
) -> None:
    heard(runtime, "catalog", at=NOW + timedelta(minutes=2))
    announce(runtime)
    assert found(runtime, NOW + timedelta(minutes=2)) == []
    soon = NOW + timedelta(minutes=2, seconds=1)
    assert found(runtime, soon) == [Delay("catalog", UNHEARD, NOW)]


def test_canaries_fly_through_every_queue_but_a_long_one_of_another(tmp_path: Path) -> None:
    with a_broker(tmp_path) as broker:
        celery = _celery(tmp_path, broker)
        broker.fill("catalog", LONGEST_QUEUE_TO_RESEND_INTO + 1)
        broker.fill("registration", LONGEST_QUEUE_TO_RESEND_INTO + 1)
        before = {name: broker.length(name) for name in SERVICES}
        send_canary(celery, "registration", is_late=False, now=NOW)
        sent = {name: broker.length(name) - before[name] for name in SERVICES}
        assert sent == {"catalog": 0, "registration": 1, "notify": 1}


def _celery(folder: Path, broker: Broker) -> Celery:
    return make_celery("registration", settings_for(folder, TURNOUT_REDIS_URL=broker.url))


@pytest.fixture
def site(start_service: StartService) -> tuple[Runtime, FlaskClient]:
    """Registration as it is, all well."""
    runtime = start_service(SERVICE)
    for name in (WORKER, RELAY):
        beat(runtime.database, name, datetime.now(UTC))
    return runtime, create_app(runtime).test_client()


def test_ready_is_who_can_do_their_work(site: tuple[Runtime, FlaskClient]) -> None:
    runtime, client = site
    assert client.get("/readyz").json == client.get("/readyz/registration").json
    assert client.get("/readyz").status_code == 200
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    beat(runtime.database, RELAY, long_ago)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [each.partition(" for ")[0] for each in answer.json["problems"]] == [
        "clock has not moved"
    ]


def test_a_database_of_another_revision_is_not_ready(site: tuple[Runtime, FlaskClient]) -> None:
    runtime, client = site
    newest = newest_revision("registration")
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert client.get("/readyz").json["problems"] == [f"migrations are not at {newest} but at 0001"]
    assert client.get("/healthz").status_code == 200


def test_a_database_that_is_away_leaves_the_process_alive_and_not_ready(tmp_path: Path) -> None:
    nowhere = settings_for(
        tmp_path, TURNOUT_REGISTRATION_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"
    )
    client = create_app(start(SERVICE, nowhere)).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["problems"] == ["database does not answer: OperationalError"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "is being looked after"), ("fr", "est en entretien")]
)
def test_a_paused_service_says_so_in_the_readers_language_and_goes_on_when_told(
    site: tuple[Runtime, FlaskClient], language: str, words: str
) -> None:
    runtime, client = site
    pause(runtime.settings, "registration")
    page = visit(client, f"/staff/sign-in?lang={language}")
    assert (page.response.status_code, words in page.text) == (503, True)
    assert page.response.headers["Retry-After"]
    assert client.get("/readyz").json["problems"] == ["paused for maintenance"]
    assert client.get("/healthz").status_code == 200
    resume(runtime.settings, "registration")
    assert client.get("/staff/sign-in").status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_the_newest_revision_is_the_last_files_name(service: str, tmp_path: Path) -> None:

    runtime = begin(service, settings_for(tmp_path))
    assert newest_revision(service) == revisions(runtime)[1]
    runtime.database.dispose()
