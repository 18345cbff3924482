"""The running system that the faults share, and the report at the end."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import a_broker
from tests.databases import PostgresServer
from tests.faults.report import Report
from tests.faults.system import System, a_system

REPORT = pytest.StashKey[Report]()
SQLITE, POSTGRESQL = "sqlite", "postgresql"


def _report(config: pytest.Config) -> Report:
    return config.stash.setdefault(REPORT, Report())


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    return _report(request.config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that runs a part of the tests gives its rows to the one that started it."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["faults"] = _report(session.config).as_plain()


def pytest_testnodedown(node: Any) -> None:
    _report(node.config).add_plain(getattr(node, "workeroutput", {}).get("faults", []))


@pytest.fixture(scope="session")
def system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, report: Report
) -> Iterator[System]:
    """SQLite with a broker that tests may stop; PostgreSQL with the embedded one."""
    dialect = getattr(request, "param", SQLITE)
    folder = tmp_path_factory.mktemp(f"system-{dialect}")
    if dialect == SQLITE:
        with a_broker(folder) as broker, a_system(folder, dialect, report, broker=broker) as found:
            yield found
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with a_system(folder, dialect, report, **server.settings()) as found:
        yield found


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table, and keep it as Markdown where FAULTS_REPORT says."""
    report = _report(config)
    if not report.rows:
        return
    terminalreporter.section("what became of everybody")
    terminalreporter.write_line(report.as_text())
    if path := os.environ.get("FAULTS_REPORT"):
        report.write(Path(path))
