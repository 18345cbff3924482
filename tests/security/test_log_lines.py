"""The log as other programs read it: one JSON object a line."""

import json
import subprocess
import sys

FIELDS = [
    "a\r\nb",
    "\x1b[31mred",
    '{"event": "forged"}\n',
    "\u2028\u2029\x85",
    "\x00\x08",
    "\ud800",
]
PROGRAM = """
import json, logging, sys
from services.chassis.log import configure_logging, logger
configure_logging("test")
for text in json.loads(sys.argv[1]):
    logger("ours").info("sign-up refused", field=text)
    logging.getLogger("a.library").warning("%s", text)
    try:
        raise ValueError(text)
    except ValueError:
        logger("ours").exception("request failed")
"""


def test_whatever_a_field_holds_an_event_is_one_line() -> None:
    command = [sys.executable, "-c", PROGRAM, json.dumps(FIELDS)]
    answer = subprocess.run(command, capture_output=True, check=True)
    lines = answer.stderr.decode().split("\n")
    assert lines.pop() == ""
    found = [json.loads(line) for line in lines]
    assert len(found) == 3 * len(FIELDS)
    assert [each["field"] for each in found[::3]] == FIELDS
    assert {each["event"] for each in found[::3]} == {"sign-up refused"}
    assert answer.stderr.isascii()
