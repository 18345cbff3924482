"""The live web server before clients that keep to no standard: refused, others unharmed."""

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import psutil
import pytest

from infra.web import PROCESSES, THREADS
from infra.web_worker import HEAD_SECONDS
from tests.facts import eventually
from tests.hostile.effort import report
from tests.hostile.raw_requests import HUNG_UP, REQUESTS, SIGN_UP, post
from tests.system.launcher import a_free_port, environment, turnout

PATIENCE = 60.0
TRACES = (b"Traceback", b'File "', b"werkzeug", b"sqlalchemy")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the whole site's web server, as `turnout run` starts it."""
    data, port = tmp_path_factory.mktemp("site"), a_free_port()
    env = environment(data, port)
    assert turnout("migrate", env=env).returncode == 0
    with (data / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra", "web", "all"], env=env, stdout=log, stderr=log
        )
        eventually(lambda: listens(port), within=PATIENCE)
        yield port
        process.terminate()
        process.wait(PATIENCE)


def listens(port: int) -> None:
    try:
        assert status_of(port) == 200
    except OSError as problem:
        raise AssertionError("nobody listens yet") from problem


def status_of(port: int, path: str = "/healthz") -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        return int(answer.status)


def ask(port: int, content: bytes) -> bytes:
    """Send a request and read until the server hangs up, or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        with suppress(OSError):  # It may hang up before it has read everything.
            client.sendall(content)
            client.shutdown(socket.SHUT_WR)
        answer = b""
        with suppress(OSError):
            while more := client.recv(65_536):
                answer += more
    return answer


def code_of(answer: bytes) -> int:
    first = answer.partition(b"\r\n")[0].split()
    return int(first[1]) if len(first) > 1 and first[0].startswith(b"HTTP/") else HUNG_UP


@dataclass
class Neighbour:
    """Somebody who reads the calendar all the while; `seconds` is how long each look took."""

    port: int
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        while not self.left.is_set():
            began = time.monotonic()
            try:
                assert status_of(self.port, "/") == 200
            except (OSError, AssertionError) as problem:
                self.problems.append(repr(problem))
            self.seconds.append(time.monotonic() - began)


@contextmanager
def a_neighbour(port: int) -> Iterator[Neighbour]:
    neighbour = Neighbour(port)
    thread = threading.Thread(target=neighbour.read)
    thread.start()
    try:
        yield neighbour
    finally:
        neighbour.left.set()
        thread.join()


def test_what_no_client_should_send_is_refused_and_others_are_answered_meanwhile(port: int) -> None:
    wrong, began = {}, time.monotonic()
    with a_neighbour(port) as neighbour:
        for name, raw in REQUESTS.items():
            answer = ask(port, raw.content)
            told = [trace for trace in TRACES if trace in answer]
            assert b"X-Injected" not in answer.partition(b"\r\n\r\n")[0]
            if told or code_of(answer) not in (HUNG_UP, *raw.allowed):
                wrong[name] = (code_of(answer), told)
    slowest = max(neighbour.seconds)
    report("raw requests", len(REQUESTS), seconds=round(time.monotonic() - began))
    report("pages read meanwhile", len(neighbour.seconds), slowest=f"{slowest:.2f} s")
    assert wrong == {}
    assert neighbour.problems == []


def test_clients_that_come_at_once_are_divided_among_the_web_processes(port: int) -> None:
    clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(PROCESSES * THREADS)]
    for each in clients:
        each.sendall(b"GET /healthz HTTP/1.1\r\n")
    eventually(partial(assert_each_has, port, THREADS), within=HEAD_SECONDS / 2)
    one_more = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    one_more.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert one_more.recv(100).startswith(b"HTTP/1.1 200")
    for each in (*clients, one_more):
        each.close()


def assert_each_has(port: int, connections: int) -> None:
    """What the web processes hold, as the system sees it."""
    theirs = [each for each in psutil.net_connections("tcp") if each.laddr.port == port]
    held = Counter(each.pid for each in theirs if each.pid and each.raddr)
    assert sorted(held.values()) == [connections] * PROCESSES


def test_clients_that_send_a_letter_a_second_are_hung_up_on_and_keep_no_thread(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(THREADS + 4)]
    for number, client in enumerate(slow):
        client.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: "[: 10 + number])
    began = time.monotonic()
    while dripping(slow) and time.monotonic() - began < PATIENCE:
        assert status_of(port) == 200
    held = time.monotonic() - began
    for client in slow:
        client.close()
    report("slow connections", len(slow), held=f"{held:.1f} s")
    assert held < HEAD_SECONDS * 4


def dripping(clients: list[socket.socket]) -> bool:
    """Send one letter more to each; whether any of them is still listened to."""
    alive = False
    for client in clients:
        try:
            client.sendall(b"x")
            client.settimeout(0.01)
            alive = client.recv(1, socket.MSG_PEEK) != b"" or alive
        except TimeoutError:
            alive = True
        except OSError:
            continue
    return alive


def test_a_body_that_never_comes_keeps_nobody_else_waiting(port: int) -> None:
    request = post(SIGN_UP, "Content-Type: application/json", "Content-Length: 1000", body=b"{")
    waiting = [socket.create_connection(("127.0.0.1", port)) for _ in range(THREADS - 2)]
    for client in waiting:
        client.sendall(request)
    with a_neighbour(port) as neighbour:
        eventually(lambda: several(neighbour), within=PATIENCE)
    for client in waiting:
        client.close()
    assert neighbour.problems == []


def several(neighbour: Neighbour) -> None:
    assert len(neighbour.seconds) >= 20


def test_a_browser_that_opens_connections_in_advance_keeps_no_thread(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(THREADS * 3)]
    assert status_of(port) == 200
    for client in silent:
        client.close()


def test_the_answer_to_a_refused_request_is_in_the_readers_language(port: int) -> None:
    request = post("/staff/sign-in", "Accept-Language: fr", "Content-Length: 0")
    assert "Nous n’avons pas pu lire votre envoi" in ask(port, request).decode()
