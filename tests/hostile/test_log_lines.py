"""Whatever is logged, a line of the log is one JSON object, without what a terminal obeys."""

import json
import subprocess
import sys

from tests.hostile.corpora.headers import HEADER_INJECTIONS
from tests.hostile.corpora.naughty import CHARACTERS
from tests.hostile.effort import report

PROGRAM = """
import json, logging, sys
from services.chassis.log import configure_logging, logger
configure_logging("test")
log = logger("test")
for text in json.load(sys.stdin):
    log.warning("told", text=text)
    logging.getLogger("library").warning("said %s", text)
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
"""


def test_no_text_begins_a_line_of_its_own_in_the_log() -> None:
    texts = [*HEADER_INJECTIONS, *(f"a{each}b\x1b[31m" for each in CHARACTERS)]
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    lines = ended.stderr.removesuffix("\n").split("\n")
    report("texts in the log", len(texts))
    assert len(lines) == 3 * len(texts)
    assert all(isinstance(json.loads(line), dict) and line.isprintable() for line in lines)
