"""Members behind a few kept connections, each of which asks again as soon as it is answered.

A process of its own: `python -m benchmarks.clients PORT SESSION FILE --members 1000`. It speaks
HTTP over plain sockets, with requests made beforehand, so that it takes as little as may be of
the machine that it shares with the product; the answers go into FILE at the end, in the form of
the faults' load. What it took itself is the last line that it prints: seconds of CPU.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import click

from tests.faults.load import a_member

HOST = "127.0.0.1"
CONNECTIONS = 32
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Member:
    """Who signs up, and the bytes that say so."""

    email: str
    key: str
    request: bytes


@dataclass(frozen=True)
class Answered:
    """What one member was told; `at` in seconds since 1970."""

    member: Member
    status: int
    body: bytes
    milliseconds: float
    at: float

    def line(self, session: str) -> str:
        """As the faults' witness reads it."""
        told = json.loads(self.body) if self.status < 300 else {}
        line = {
            "what": "sign_up",
            "session": session,
            "status": self.status,
            "state": told.get("status"),
            "place": told.get("place"),
            "registration": told.get("id"),
            "statuses": [self.status],
            "milliseconds": [round(self.milliseconds, 2)],
            "at": self.at,
            "email": self.member.email,
            "key": self.member.key,
        }
        return json.dumps(line)


def requests(port: int, session: str, count: int) -> list[Member]:
    """So many, half of them French."""
    path = f"/api/v1/sessions/{session}/registrations"
    return [_member(port, path, number) for number in range(count)]


def _member(port: int, path: str, number: int) -> Member:
    key = str(uuid4())
    email = f"{key}@example.org"
    body = json.dumps(a_member(number, email)).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Member(email, key, head.encode() + body)


async def one_after_another(port: int, waiting: Iterator[Member], answers: list[Answered]) -> None:
    """One connection, as long as somebody is left."""
    reader, writer = await asyncio.open_connection(HOST, port)
    for member in waiting:
        began = time.perf_counter()
        writer.write(member.request)
        status, body, goes_on = await answer(reader)
        took = (time.perf_counter() - began) * 1000
        answers.append(Answered(member, status, body, took, time.time()))
        if not goes_on:
            writer.close()
            reader, writer = await asyncio.open_connection(HOST, port)
    writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection stays."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length), b"connection: close" not in head


async def rush(port: int, session: str, count: int, file: Path) -> None:
    """Everybody at once; the answers are written when all have theirs."""
    waiting, answers = iter(requests(port, session, count)), list[Answered]()
    lines = (one_after_another(port, waiting, answers) for _ in range(CONNECTIONS))
    await asyncio.wait_for(asyncio.gather(*lines), PATIENCE_SECONDS)
    with file.open("a", encoding="utf-8") as lines_file:
        lines_file.writelines(f"{each.line(session)}\n" for each in answers)


@click.command()
@click.argument("port", type=int)
@click.argument("session")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--members", default=1000, show_default=True)
def main(port: int, session: str, file: Path, members: int) -> None:
    """Let so many members sign up for a session, and print the CPU that it took to ask."""
    asyncio.run(rush(port, session, members, file))
    click.echo(time.process_time())


if __name__ == "__main__":
    main()
