"""The manifest of a backup set: what is in it, of when, and how one knows that it is whole."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from infra.refusal import Refusal
from services.contracts import SERVICES
from services.contracts.shapes import Moment

NAME = "manifest.json"
FORMAT = 1
SQLITE, POSTGRESQL = "sqlite", "postgresql"
MAIL = "mail.zip"
NOT_INCLUDED = (
    "The secret key: whoever has it opens every member's link and can sign in as anybody. "
    "Keep it apart; `secret_key` above only tells which one it was.",
    "Settings and passwords of databases, broker and mail server.",
    "The broker's file: what was under way is sent again from the databases.",
    "Logs.",
)
_AT_ONCE = 1 << 20
_PLAIN_NAME = validate.Regexp(r"[a-z0-9_]+\.[a-z0-9]+\Z")


@dataclass(frozen=True)
class Part:
    """One service's database; `rows` counts each table, `taken_at` is the moment it shows."""

    service: str
    kind: str
    file: str
    taken_at: datetime
    revision: str
    rows: dict[str, int]


@dataclass(frozen=True)
class FileSum:
    """What a file of the set must be like."""

    file: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """All of it; `secret_key` is the id of the key that links were signed with."""

    format: int
    version: str
    taken_at: datetime
    secret_key: str
    parts: list[Part]
    mails: int
    files: list[FileSum]
    not_included: list[str]


class _PartSchema(Schema):
    service = fields.String(required=True, validate=validate.OneOf(SERVICES))
    kind = fields.String(required=True, validate=validate.OneOf([SQLITE, POSTGRESQL]))
    file = fields.String(required=True, validate=_PLAIN_NAME)
    taken_at = Moment(required=True)
    revision = fields.String(required=True)
    rows = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Part:
        return Part(**data)


class _FileSchema(Schema):
    file = fields.String(required=True, validate=_PLAIN_NAME)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True, validate=validate.Length(equal=64))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> FileSum:
        return FileSum(**data)


class _ManifestSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    format = fields.Integer(required=True, validate=validate.Equal(FORMAT))
    version = fields.String(required=True)
    taken_at = Moment(required=True)
    secret_key = fields.String(required=True)
    parts = fields.List(fields.Nested(_PartSchema), required=True)
    mails = fields.Integer(required=True)
    files = fields.List(fields.Nested(_FileSchema), required=True)
    not_included = fields.List(fields.String(), required=True)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Manifest:
        return Manifest(**data)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it for people and programs to read."""
    text = json.dumps(asdict(manifest), indent=2, default=datetime.isoformat)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Refusal where the folder is no whole backup set, or one of another age of Turnout."""
    try:
        found: Manifest = _ManifestSchema().loads((folder / NAME).read_text(encoding="utf-8"))
    except OSError as problem:
        raise Refusal(
            f"{folder} is no backup set: {NAME} cannot be read ({problem.strerror})."
        ) from problem
    except (ValidationError, ValueError) as problem:
        raise Refusal(f"{folder / NAME} is no manifest of this version: {problem}") from problem
    return found


def sum_of(path: Path, tell: Callable[[int], None] = lambda _: None) -> FileSum:
    """Size and SHA-256; `tell` hears how many bytes more have been read."""
    digest, size = hashlib.sha256(), 0
    for block in _blocks(path):
        digest.update(block)
        size += len(block)
        tell(len(block))
    return FileSum(path.name, size, digest.hexdigest())


def check_files(folder: Path, manifest: Manifest, tell: Callable[[int], None]) -> None:
    """Refusal that names the first file that is missing or not as it was."""
    for known in manifest.files:
        try:
            found = sum_of(folder / known.file, tell)
        except OSError as problem:
            reason = f"cannot be read ({problem.strerror})"
            raise Refusal(f"{folder / known.file} {reason}; nothing was changed.") from problem
        if found != known:
            raise Refusal(
                f"{folder / known.file} is damaged: it is not the file that the backup wrote. "
                "Nothing was changed; take another backup."
            )


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_AT_ONCE):
            yield block
