"""HTML forms over the same schemas as the JSON API: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields


@dataclass
class Form:
    """What templates need to show a form again: nothing that was typed is lost."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def error(self, name: str) -> str:
        """The first complaint about a field, or nothing."""
        return next(iter(self.errors.get(name, [])), "")

    def refuse(self, name: str, message: str) -> None:
        """Add a complaint that only a command could find."""
        self.errors.setdefault(name, []).append(str(message))


def read_form(schema: Schema) -> tuple[Form, dict[str, Any] | None]:
    """Read the submitted form; the data are None where the form has errors."""
    return _read(schema, _typed(schema))


def read_query(schema: Schema, **kept: str) -> tuple[Form, dict[str, Any] | None]:
    """Read a form that filters from the address, whatever else the address has beside it.

    What is `kept` elsewhere is never read from the address.
    """
    given = request.args.to_dict() | kept
    return _read(schema, {name: given[name] for name in schema.fields if name in given})


def _read(schema: Schema, typed: dict[str, Any]) -> tuple[Form, dict[str, Any] | None]:
    form = Form(values=typed)
    try:
        data: dict[str, Any] = schema.load(
            {key: value for key, value in form.values.items() if value != ""}
        )
    except ValidationError as problem:
        form.errors = plain_errors(problem.normalized_messages())
        return form, None
    return form, data


def plain_errors(messages: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Marshmallow's nested messages as one list for each field, in the reader's language."""
    found: dict[str, list[str]] = {}
    for name, value in messages.items():
        if isinstance(value, Mapping):
            inner = plain_errors(value)
            found.update({f"{name}.{key}": texts for key, texts in inner.items()})
        else:
            texts = value if isinstance(value, list) else [value]
            found[str(name)] = [str(text) for text in texts]
    return found


def _typed(schema: Schema) -> dict[str, Any]:
    lists = {name for name, each in schema.fields.items() if isinstance(each, fields.List)}
    typed: dict[str, Any] = {}
    for name in request.form:
        if name != "csrf_token":
            typed[name] = request.form.getlist(name) if name in lists else request.form[name]
    return typed
