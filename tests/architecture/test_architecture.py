"""Who may import, send and commit; sizes; words in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
OURS = [*ROOT.glob("services/**/*.py"), *ROOT.glob("infra/**/*.py")]
CATALOGUE = ROOT / "services" / "chassis" / "translations" / "fr.po"
MIGRATION = re.compile(r"/migrations/versions/")
METHODS = [
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
]
KEYWORDS = {"_": None, "message": None, "lazy_gettext": None, "gettext": None, "ngettext": (1, 2)}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def uses(pattern: str) -> set[str]:
    return {name_of(path) for path in OURS if re.search(pattern, path.read_text(encoding="utf-8"))}


def test_only_the_relay_sends_to_the_broker() -> None:
    assert uses(r"\.send_task\(|\.apply_async\(|\.delay\(") == {"services/chassis/relay.py"}


def test_only_the_database_module_begins_and_ends_transactions() -> None:
    assert uses(r"\.commit\(\)|\.rollback\(\)|\.begin\(\)(?! as connection)") == {
        "services/chassis/db.py"
    }


def test_only_the_database_module_knows_dialects() -> None:
    assert uses(r"sqlalchemy\.dialects") == {"services/chassis/db.py"}


def test_no_command_reads_the_clock() -> None:
    readers = uses(r"datetime\.now\(|date\.today\(|utcnow\(")
    allowed = re.compile(r"(pages|answers|api|worker|edge|clock|staff|access)\.py$|^infra/")
    assert {name for name in readers if not allowed.search(name)} == set()


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in OURS}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = {
        f"{name_of(path)}:{each.name}"
        for path in OURS
        if not MIGRATION.search(path.as_posix())
        for each in functions(path)
        if (each.end_lineno or each.lineno) - each.lineno >= 40
    }
    assert long == set()


def test_nine_functions_in_ten_are_short() -> None:
    lengths = [
        (each.end_lineno or each.lineno) - each.lineno + 1
        for path in OURS
        if not MIGRATION.search(path.as_posix())
        for each in functions(path)
    ]
    assert sum(length < 20 for length in lengths) >= 0.9 * len(lengths)


def test_no_module_is_a_place_for_anything() -> None:
    vague = {"utils", "helpers", "common", "base", "misc"}
    assert {name_of(path) for path in OURS if path.stem in vague} == set()


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_every_module_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def source_messages() -> set[str]:
    found: set[str] = set()
    for folder in ("services", "infra"):
        rows = extract_from_dir(ROOT / folder, METHODS, keywords=KEYWORDS)
        found |= {row[2] if isinstance(row[2], str) else row[2][0] for row in rows}
    return found


def test_every_word_has_its_french_and_no_french_is_left_over() -> None:
    with CATALOGUE.open("rb") as file:
        french = read_po(file, locale="fr")
    known = {
        each.id if isinstance(each.id, str) else each.id[0]: each for each in french if each.id
    }
    assert source_messages() - set(known) == set()
    assert set(known) - source_messages() == set()
    assert [each.id for each in known.values() if each.fuzzy or not all(_texts(each.string))] == []


def test_french_keeps_every_placeholder() -> None:
    with CATALOGUE.open("rb") as file:
        french = read_po(file, locale="fr")
    placeholder = re.compile(r"%\(\w+\)[sd]")
    for each in french:
        for english, text in zip(_texts(each.id), _texts(each.string), strict=False):
            assert set(placeholder.findall(text)) == set(placeholder.findall(english)), english


def _texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
