"""Writes the table of `docs/privacy.md` anew from the code: `python -m infra.privacy_page`."""

from collections.abc import Iterator
from pathlib import Path

from services.chassis.kept import RETENTION, Kept

PAGE = Path(__file__).parents[1] / "docs" / "privacy.md"
BEGIN, END = "<!-- made from services/chassis/kept.py -->\n", "<!-- end -->\n"


def with_table(page: str) -> str:
    """The page with the table as the code has it."""
    before, _, rest = page.partition(BEGIN)
    _old, _, after = rest.partition(END)
    return "".join([before, BEGIN, "\n", *_lines(), "\n", END, after])


def _lines() -> Iterator[str]:
    yield "| what | where | how long | from when | why so long |\n"
    yield "| --- | --- | --- | --- | --- |\n"
    for each in RETENTION:
        yield f"| {each.what} | {each.service} | {_term(each)} | {each.since} | {each.why} |\n"


def _term(each: Kept) -> str:
    return "24 months, or as the operator says" if each.days is None else f"{each.days} days"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
