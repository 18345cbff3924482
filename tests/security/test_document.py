"""The table of threats names each threat once, and only tests that there are."""

import ast
import re
from pathlib import Path

import pytest

DOCUMENT = Path("docs/security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)))


def test_every_threat_has_its_row() -> None:
    assert re.findall(r"^\| (S\d+) \|", DOCUMENT, re.MULTILINE) == [f"S{n}" for n in range(1, 29)]


def test_a_row_without_a_test_says_what_is_missing() -> None:
    for row in re.findall(r"^\| S\d+ \|.*$", DOCUMENT, re.MULTILINE):
        assert "::test_" in row or "*Missing" in row, row


@pytest.mark.parametrize(("path", "name"), NAMED, ids=str)
def test_every_test_that_it_names_exists(path: str, name: str) -> None:
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
