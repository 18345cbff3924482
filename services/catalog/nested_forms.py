"""HTML forms with rows: `days.0.date` and its like, gathered into lists and spread out again."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from services.chassis.forms import Form, plain_errors

Row = Mapping[str, str]


def read_nested_form(
    schema: Schema, lists: Mapping[str, Sequence[str]], singles: Mapping[str, Sequence[str]]
) -> tuple[Form, dict[str, Any] | None]:
    """Read the submitted form; empty rows are left out, the others numbered anew.

    `lists` and `singles` name the fields of which at least one makes a row, such as
    {"days": ("date", "starts", "ends")}.
    """
    sent = {name: value for name, value in request.form.items() if name != "csrf_token"}
    plain = {name: value for name, value in sent.items() if "." not in name}
    rows = {name: _rows(sent, name, telling) for name, telling in lists.items()}
    single = {name: _single(sent, name, telling) for name, telling in singles.items()}
    form = Form(values=plain | spread(rows) | _flat(single))
    given = {name: value for name, value in plain.items() if value != ""}
    try:
        loaded: dict[str, Any] = schema.load(
            given
            | {name: [_filled(row) for row in each] for name, each in rows.items()}
            | {name: _filled(row) for name, row in single.items() if row}
        )
    except ValidationError as problem:
        form.errors = plain_errors(problem.normalized_messages())
        return form, None
    return form, loaded


def spread(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Rows as the flat names of form fields."""
    return {
        f"{name}.{number}.{key}": value
        for name, each in rows.items()
        for number, row in enumerate(each)
        for key, value in row.items()
    }


def _flat(singles: Mapping[str, Row]) -> dict[str, str]:
    return {f"{name}.{key}": value for name, row in singles.items() for key, value in row.items()}


def _rows(sent: Mapping[str, str], name: str, telling: Iterable[str]) -> list[Row]:
    found: dict[int, dict[str, str]] = {}
    for key, value in sent.items():
        part, _, rest = key.partition(".")
        number, _, field = rest.partition(".")
        if part == name and field and number.isascii() and number.isdigit() and len(number) < 4:
            found.setdefault(int(number), {})[field] = value
    rows = [found[number] for number in sorted(found)]
    return [row for row in rows if _tells(row, telling)]


def _single(sent: Mapping[str, str], name: str, telling: Iterable[str]) -> Row:
    start = f"{name}."
    row = {key.removeprefix(start): each for key, each in sent.items() if key.startswith(start)}
    return row if _tells(row, telling) else {}


def _tells(row: Row, telling: Iterable[str]) -> bool:
    return any(row.get(field, "").strip() for field in telling)


def _filled(row: Row) -> dict[str, str]:
    return {field: value for field, value in row.items() if value != ""}
