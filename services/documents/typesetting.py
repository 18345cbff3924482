"""A roster's sheet set in type: the template with its data, in this process or as one of its own.

`python -m services.documents.typesetting MADE_AT` reads the sheet from its standard input and
writes the PDF to its standard output.
"""

import os
import sys
from functools import cache
from importlib.resources import files
from typing import Literal

import typst


def typeset(sheet: str, made_at: int) -> bytes:
    """The PDF of a sheet in JSON; `made_at`, in seconds since 1970, is the date that it bears."""
    try:
        return _compiled(sheet, made_at, "ua-1")
    except typst.TypstError:
        # PDF/UA refuses a character that no bundled font can draw, an emoji say. The sheet is
        # then still tagged and shows a box in its place; any other fault is raised again here.
        return _compiled(sheet, made_at, None)


def _compiled(sheet: str, made_at: int, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"roster": sheet},
        pdf_standards=standard,
        timestamp=made_at,
    )


def drawn(sheet: str, dots_per_inch: int) -> bytes:
    """The first page of a sheet as a PNG image."""
    pages = typst.compile(
        _template(),
        format="png",
        ppi=dots_per_inch,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"roster": sheet},
    )
    return pages[0] if isinstance(pages, list) else pages


@cache
def _template() -> bytes:
    """How a sheet looks."""
    return files("services.documents").joinpath("roster.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The wheel's own fonts only, so that a sheet looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


if __name__ == "__main__":
    if hasattr(os, "sched_setaffinity"):  # A web process may keep to one core; this need not.
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    sys.stdout.buffer.write(typeset(sys.stdin.read(), int(sys.argv[1])))
