"""What stands in the broker's queue unsealed is counted and never run, whatever it is."""

import base64
import copy
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pytest
import sqlalchemy as sa

from services.chassis.broker import make_celery
from services.chassis.config import Settings
from services.chassis.health import Heartbeat, read_health
from services.chassis.inbox import InboxRow
from services.chassis.keys import EVENTS, LINKS, SESSIONS, keys_for
from services.chassis.outbox import publish
from services.chassis.relay import relay, send_canary
from services.chassis.seals import HEADER, Refused, check_seal, seal
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.contracts.sessions import SESSION_PUBLISHED
from services.registration.accounts import add_staff
from services.registration.app import SERVICE
from services.registration.models import WorkshopSession
from tests.brokers import Broker, a_broker
from tests.databases import StartService, settings_for
from tests.facts import eventually
from tests.pages import sign_in, visit
from tests.registration.factories import NOW, facts

Forge = Callable[[dict[str, Any]], Any]
MARK = "Zzyzx Forger"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with a_broker(tmp_path) as broker:
        yield broker


@pytest.fixture
def settings(tmp_path: Path, broker: Broker) -> Settings:
    return settings_for(tmp_path / "data", TURNOUT_REDIS_URL=broker.url)


@pytest.fixture
def registration(start_service: StartService) -> Runtime:
    return start_service(SERVICE)


def count(runtime: Runtime, model: Any) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def refused(runtime: Runtime) -> dict[str, int]:
    query = sa.select(InboxRow.error, InboxRow.attempts).where(InboxRow.outcome == "refused")
    with runtime.database.reading() as db:
        return dict(map(tuple, db.execute(query)))


def tell(runtime: Runtime, settings: Settings) -> None:
    """The catalog tells registration of a session, over the broker."""
    session = facts()
    with runtime.database.writing() as db:
        publish(db, SESSION_PUBLISHED, subject=session["session_id"], data=session, now=NOW)
    relay(runtime.database, make_celery("catalog", settings), NOW)


class Worker:
    """Registration's own worker, as its container starts it."""

    def __init__(self, runtime: Runtime, settings: Settings, log: Path) -> None:
        environ = {
            "TURNOUT_DATA": str(settings.data),
            "TURNOUT_BASE_URL": settings.base_url,
            "TURNOUT_SECRET_KEY": settings.secret_key,
            "TURNOUT_REDIS_URL": settings.broker_url,
            "TURNOUT_REGISTRATION_DATABASE_URL": runtime.settings.database_urls["registration"],
        }
        self._log = log
        self._output = log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra", "worker", "registration"],
            env=os.environ | environ,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.process.terminate()
        self.process.wait(30)
        self._output.close()


def body_of(message: dict[str, Any]) -> Any:
    return json.loads(base64.b64decode(message["body"]))


def with_body(message: dict[str, Any], body: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return message | {"body": base64.b64encode(text.encode()).decode()}


def with_headers(message: dict[str, Any], **headers: Any) -> dict[str, Any]:
    return message | {"headers": message["headers"] | headers}


def unsealed(message: dict[str, Any]) -> Any:
    headers = {name: value for name, value in message["headers"].items() if name != HEADER}
    return message | {"headers": headers}


def tampered(message: dict[str, Any]) -> Any:
    body = copy.deepcopy(body_of(message))
    body[0][0]["envelopes"][0]["data"]["title"]["en"] = MARK
    return with_body(message, body)


def of_another_key(message: dict[str, Any]) -> Any:
    return with_headers(message, **{HEADER: "00ff00ff00ff00ff:" + "0" * 64})


def as_another_task(message: dict[str, Any]) -> Any:
    return with_headers(message, task="session.cancelled.v1")


def as_a_confirmation(message: dict[str, Any]) -> Any:
    return with_headers(message, task="event.confirmed.v1")


def as_a_canary(message: dict[str, Any]) -> Any:
    return with_body(with_headers(message, task="canary.v1"), [[{"sent_at": "x"}], {}, {}])


def as_celerys_own_task(message: dict[str, Any]) -> Any:
    return with_body(with_headers(message, task="celery.map"), [[{}, []], {}, {}])


def with_a_task_to_follow(message: dict[str, Any]) -> Any:
    [args, kwargs, _more] = body_of(message)
    return with_body(message, [args, kwargs, {"callbacks": [{"task": "canary.v1"}]}])


def with_two_arguments(message: dict[str, Any]) -> Any:
    [args, kwargs, more] = body_of(message)
    return with_body(message, [[*args, MARK], kwargs, more])


def too_large(message: dict[str, Any]) -> Any:
    return with_body(message, [[{"data": MARK * 500_000}], {}, {}])


def nested(message: dict[str, Any]) -> Any:
    return with_body(message, "[" * 100_000 + "]" * 100_000)


def nested_outside(_message: dict[str, Any]) -> Any:
    return "[" * 100_000 + "]" * 100_000


def unpacking_to_much(message: dict[str, Any]) -> Any:
    bomb = base64.b64encode(gzip.compress(b"0" * 50_000_000)).decode()
    return with_headers(message, compression="gzip") | {"body": bomb}


def pickled(message: dict[str, Any]) -> Any:
    return message | {"content-type": "application/x-python-serialize"}


def of_an_older_protocol(message: dict[str, Any]) -> Any:
    old = {"task": "session.published.v1", "id": "1", "args": [{}], "kwargs": {}}
    return with_body(message | {"headers": {}}, old)


def without(name: str) -> Forge:
    return lambda message: {key: value for key, value in message.items() if key != name}


FORGED: dict[str, tuple[Forge, str]] = {
    "unsealed": (unsealed, "unsealed"),
    "tampered": (tampered, "bad_seal"),
    "of another key": (of_another_key, "unknown_key"),
    "as another task": (as_another_task, "bad_seal"),
    "as a confirmation": (as_a_confirmation, "bad_seal"),
    "as a canary": (as_a_canary, "bad_seal"),
    "as Celery's own task": (as_celerys_own_task, "unreadable"),
    "with a task to follow": (with_a_task_to_follow, "unreadable"),
    "with two arguments": (with_two_arguments, "unreadable"),
    "a seal that is no text": (lambda message: with_headers(message, **{HEADER: [1]}), "unsealed"),
    "a task that is no text": (lambda message: with_headers(message, task=["x"]), "unreadable"),
    "5 MB": (too_large, "too_large"),
    "nested in the body": (nested, "too_deep"),
    "nested outside": (nested_outside, "too_deep"),
    "a bomb": (unpacking_to_much, "unreadable"),
    "pickle": (pickled, "unreadable"),
    "an older protocol": (of_an_older_protocol, "unreadable"),
    "no JSON": (lambda _message: MARK, "unreadable"),
    "no text": (lambda _message: b"\xff\xfe", "unreadable"),
    "a number": (lambda _message: "1", "unreadable"),
    "null": (lambda _message: "null", "unreadable"),
    "without a body": (without("body"), "unreadable"),
    "without headers": (without("headers"), "unreadable"),
    "without properties": (without("properties"), "unreadable"),
    "a body that is no base64": (lambda message: message | {"body": "%%%"}, "unreadable"),
}


def push(broker: Broker, message: Any) -> None:
    text = message if isinstance(message, str | bytes) else json.dumps(message)
    broker.client.lpush("registration", text)


def eventually_is(wanted: Any, look: Callable[[], Any]) -> None:
    def is_so() -> None:
        assert look() == wanted

    eventually(is_so, within=60)


def test_only_what_is_sealed_is_run_and_the_worker_lives_through_all_the_rest(
    registration: Runtime, settings: Settings, broker: Broker, tmp_path: Path
) -> None:
    def sessions() -> int:
        return count(registration, WorkshopSession)

    tell(registration, settings)
    [genuine] = broker.messages("registration")
    with Worker(registration, settings, tmp_path / "worker.log") as worker:
        eventually_is(1, sessions)
        for forge, _reason in FORGED.values():
            push(broker, forge(copy.deepcopy(genuine)))
        wanted = Counter(reason for _forge, reason in FORGED.values())
        eventually_is(dict(wanted), lambda: refused(registration))
        assert "messages were refused in the last hour" in problems(registration)
        rows = count(registration, InboxRow)
        for _ in range(3):
            push(broker, genuine)
        for _ in range(500):
            push(broker, unsealed(genuine))
        eventually_is(wanted["unsealed"] + 500, lambda: refused(registration)["unsealed"])
        assert (sessions(), count(registration, InboxRow)) == (1, rows)
        make_celery("stranger", settings).control.broadcast("shutdown")
        tell(registration, settings)
        celery = make_celery("registration", settings)
        send_canary(celery, "registration", is_late=False, now=NOW)
        eventually_is(2, sessions)
        eventually_is(1, lambda: count(registration, Heartbeat))
        assert worker.process.poll() is None
    for never in (MARK, "Traceback", "Grievance Handling", "facilitator@example.org"):
        assert never not in worker.log
    assert worker.log.count("message refused") < 50
    staff_can_read_why(registration)


def problems(runtime: Runtime) -> tuple[str, ...]:
    return read_health(runtime.database, datetime.now(UTC)).problems


def staff_can_read_why(runtime: Runtime) -> None:
    """On the page of parked events, in both languages."""
    with runtime.database.writing() as db:
        address, password = "admin@example.org", "a long enough password"
        add_staff(db, name="A", email=address, role="admin", password=password, now=NOW)
    client = create_app(runtime).test_client()
    sign_in(client, address, password)
    page = visit(client, "/staff/events/registration/")
    assert "They had no seal: an older version sent them, or somebody else." in page.text
    assert "502" in page.text
    french = visit(client, "/staff/events/registration/?lang=fr")
    assert "Ils n’avaient pas de sceau" in french.text


def test_the_key_before_the_present_one_still_opens(tmp_path: Path) -> None:
    old, new = "x1" * 20, "y2" * 20
    before = keys_for(settings_for(tmp_path, TURNOUT_SECRET_KEY=old), EVENTS)
    changing = settings_for(tmp_path, TURNOUT_SECRET_KEY=new, TURNOUT_SECRET_KEY_PREVIOUS=old)
    after = keys_for(settings_for(tmp_path, TURNOUT_SECRET_KEY=new), EVENTS)
    said = {"task": "canary.v1", "queue": "notify", "content": {"a": [1, None, "é"]}}
    check_seal(keys_for(changing, EVENTS), seal(before, **said), **said)
    check_seal(after, seal(keys_for(changing, EVENTS), **said), **said)
    with pytest.raises(Refused, match="unknown_key"):
        check_seal(after, seal(before, **said), **said)


@pytest.mark.parametrize(
    "but", [{"task": "canary.v2"}, {"queue": "catalog"}, {"content": {"a": 2}}, {"content": {}}]
)
def test_a_seal_is_for_one_thing_said_in_one_place(tmp_path: Path, but: dict[str, Any]) -> None:
    keys = keys_for(settings_for(tmp_path), EVENTS)
    said = {"task": "canary.v1", "queue": "notify", "content": {"a": 1}}
    with pytest.raises(Refused, match="bad_seal"):
        check_seal(keys, seal(keys, **said), **said | but)


def test_each_purpose_has_a_key_of_its_own_and_none_is_shown(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    keys = [keys_for(settings, purpose)[0] for purpose in (EVENTS, LINKS, SESSIONS)]
    assert len({key.value for key in keys} | {settings.secret_key.encode()}) == 4
    assert len({key.id for key in keys}) == 3
    shown = repr([settings, *keys])
    assert settings.secret_key not in shown
    assert not [key for key in keys if repr(key.value) in shown]
