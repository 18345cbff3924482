"""Runs of schemathesis over a service's own description of its API, and what they found."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

PHASES = ["examples", "fuzzing", "stateful"]
EVERY_CORNER = "coverage"
"""The phase that goes through each edge of each schema in turn, which is most of the requests."""
LEFT_OUT = [
    # What the description allows is not always accepted: rules between fields, such as an end
    # after its start, a local that is in the directory or said to be in none, and the like of
    # 30 February, are not to be said in JSON Schema. That no such refusal is an error of ours
    # and that it fits the description is checked.
    "positive_data_acceptance",
]


@dataclass
class Findings:
    """How many requests were made, and each failed check once, with a way to repeat it."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The app behind a server of its own; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args: object) -> None:
        """Thousands of lines tell nothing."""


def explore(
    document: str, *, examples: int, every_corner: bool, token: str, known: dict[str, str]
) -> Findings:
    """Try positive and negative data in all phases, with an access token or without one.

    `known` are values of parameters that the service has something for.
    """
    schema = schemathesis.openapi.from_url(document, config=SchemathesisConfig(seed=examples))
    schema.config.parameters = {f"path.{name}": value for name, value in known.items()}
    schema.config.phases.update(phases=[*PHASES, EVERY_CORNER] if every_corner else PHASES)
    schema.config.generation.update(max_examples=examples, no_shrink=True, database="none")
    schema.config.checks.update(excluded_check_names=LEFT_OUT)
    if token:
        schema.config.update(headers={"Authorization": f"Bearer {token}"})
    schema.config.update(continue_on_failure=True)
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _count(event, found)
        elif isinstance(event, events.NonFatalError):
            found.errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _count(event: events.ScenarioFinished, found: Findings) -> None:
    recorder = event.recorder
    found.cases += len(recorder.interactions)
    found.statuses.update(
        each.response.status_code for each in recorder.interactions.values() if each.response
    )
    for checks in recorder.checks.values():
        for check in checks:
            if check.failure_info is not None and not _is_told_so(recorder.label, check.name):
                name = f"{recorder.label} {check.name}"
                found.failures.setdefault(
                    name, f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}"
                )


def _is_told_so(operation: str, check: str) -> bool:
    """With 503 these say that something stands still, as it does after minutes without a relay."""
    return check == "not_a_server_error" and operation.startswith(("GET /readyz", "GET /health"))
