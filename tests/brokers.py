"""A real Valkey server for tests, and what waits in its queues."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from infra.embedded_broker import broker_command
from tests.facts import eventually


@dataclass
class Broker:
    """A server that tests may stop and start."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "valkey.sock"

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def start(self) -> None:
        command = broker_command(self.socket, self.folder)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        eventually(self._answers)

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def empty(self) -> None:
        self.client.flushall()

    def length(self, queue: str) -> int:
        return int(self.client.llen(queue))

    def fill(self, queue: str, count: int) -> None:
        self.client.rpush(queue, *["{}"] * count)

    def messages(self, queue: str) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.client.lrange(queue, 0, -1)]

    def _answers(self) -> None:
        assert self.socket.exists()
        try:
            self.client.ping()
        except redis.ConnectionError as problem:
            raise AssertionError("the broker does not answer yet") from problem


@contextmanager
def a_broker(folder: Path) -> Iterator[Broker]:
    """A running broker, stopped at the end."""
    broker = Broker(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
