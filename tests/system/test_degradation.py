"""Each service at rest in turn: the others answer, everything catches up, nothing is doubled."""

from collections import Counter
from http.client import HTTPConnection

import pytest

from services.contracts import SERVICES
from tests.facts import eventually
from tests.system.launcher import commands_of, environment, turnout
from tests.system.members import Site, a_site

SEATS = 4
PAGES = {"catalog": "/", "registration": "/staff/sign-in", "notify": "/unsubscribe/nothing"}
"""A page of each service, which answers with less than 500 while the service does."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory):
    with a_site(tmp_path_factory.mktemp("site") / "data") as site:
        yield site


def status(site: Site, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", site.launched.port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def command(site: Site, *words: str) -> str:
    launched = site.launched
    done = turnout(*words, env=environment(launched.data, launched.port))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def workers_of(site: Site) -> list[int]:
    return [
        each.pid for each, command in commands_of(site.launched.data) if command[-1] == "worker"
    ]


def only_it_rests(site: Site, service: str) -> None:
    answers = {name: status(site, path) < 500 for name, path in PAGES.items()}
    assert answers == {name: name != service for name in SERVICES}
    ready, told = site.call("GET", f"/readyz/{service}")
    assert (ready, told["problems"]) == (503, ["paused for maintenance"])


def another_works(site: Site, before: list[int]) -> None:
    """The one that the supervisor starts in its place leaves this service out."""
    now = workers_of(site)
    assert now
    assert not set(before) & set(now)


def no_seat_is_left(site: Site, session_id: str) -> None:
    code, shown = site.call("GET", f"/api/v1/sessions/{session_id}")
    assert (code, shown["seats_left"]) == (200, 0)


def all_is_well(site: Site) -> None:
    ready, told = site.call("GET", "/readyz")
    assert ready == 200, told
    waiting = {each["service"]: each["outbox_waiting"] for each in told["services"]}
    assert waiting == dict.fromkeys(SERVICES, 0)


def everybody_was_written_to_once(site: Site, numbers: set[int]) -> None:
    readers = Counter(str(each["To"].addresses[0].addr_spec) for each in site.mail())
    members = {each: count for each, count in readers.items() if each.startswith("member.")}
    assert members == {f"member.{number}@example.org": 1 for number in numbers}


@pytest.fixture(scope="module")
def signed_up() -> set[int]:
    """The numbers of those who have signed up so far, over all tests of the module."""
    return set()


@pytest.mark.parametrize("service", ["notify", "catalog"])
def test_sign_ups_go_on_while_another_service_rests_and_it_catches_up(
    site: Site, signed_up: set[int], service: str
) -> None:
    session_id = site.publish_session(SEATS)
    before = workers_of(site)
    command(site, "pause", service)
    eventually(lambda: only_it_rests(site, service), within=20)
    eventually(lambda: another_works(site, before), within=30)
    for _ in range(SEATS + 1):
        signed_up.add(len(signed_up))
        code, answer = site.sign_up(session_id, max(signed_up))
        assert code == 201, answer
    assert answer["status"] == "waitlisted"
    if service == "catalog":
        eventually(lambda: everybody_was_written_to_once(site, signed_up), within=20)
    else:
        eventually(lambda: no_seat_is_left(site, session_id), within=20)
    command(site, "resume", service)
    eventually(lambda: all_is_well(site), within=40)
    eventually(lambda: everybody_was_written_to_once(site, signed_up), within=20)
    no_seat_is_left(site, session_id)


def test_the_calendar_goes_on_while_registration_rests_and_what_staff_did_reaches_it(
    site: Site, signed_up: set[int]
) -> None:
    session_id = site.publish_session(SEATS)
    command(site, "pause", "registration")
    eventually(lambda: only_it_rests(site, "registration"), within=20)
    assert site.sign_up(session_id, 999)[0] == 503
    capacity = {"capacity": 9, "reason": "A larger room"}
    code, answer = site.call("PATCH", f"/api/v1/sessions/{session_id}", capacity)
    assert code == 200, answer
    command(site, "resume", "registration")
    eventually(lambda: all_is_well(site), within=40)
    answers = [site.sign_up(session_id, number) for number in range(100, 109)]
    assert {answer["status"] for _code, answer in answers} == {"confirmed"}
    wanted = signed_up | set(range(100, 109))
    eventually(lambda: everybody_was_written_to_once(site, wanted), within=20)


def test_the_databases_agree_afterwards(site: Site) -> None:
    command(site, "reconcile")
