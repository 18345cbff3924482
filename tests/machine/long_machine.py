"""Half a million steps: `make soak` runs it, `make test` does not."""

from pathlib import Path

import pytest

from tests.databases import PostgresServer
from tests.machine.running import run_machines
from tests.machine.stores import in_memory, on_a_server


@pytest.mark.parametrize("half", ["one half", "the other"])
def test_half_a_million_steps(tmp_path: Path, half: str) -> None:
    """In two processes, as a small machine has two cores; chance makes each half another."""
    runtime, empty = in_memory(tmp_path)
    assert run_machines(runtime, empty, steps=250_000, asks_every=50) >= 250_000, half


def test_twenty_thousand_steps_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    runtime, empty = on_a_server(tmp_path, postgres.url(postgres.create()))
    assert run_machines(runtime, empty, steps=20_000, asks_every=5) >= 20_000
