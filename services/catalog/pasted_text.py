"""The listing as it arrives: pasted into the form, or as a file in one of the usual encodings."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from flask import request

LARGEST_LISTING = 5 * 1024**2
_MOST_TO_READ = 64 * 1024**2
_PIECE = 64 * 1024


class NotText(Exception):
    """A file that is not plain text, such as a word processor's document or a picture."""

    reason = "not_text"


def pasted_text() -> str:
    """The text of the form, or of its file if one was chosen; NotText when that is none."""
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    return decoded(content) if content else request.form.get("text", "")


def decoded(content: bytes) -> str:
    """Text from UTF-8, UTF-16 with its mark, or Windows-1252, which older editors still write."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return _decoded(content, "utf-16")
    if b"\0" in content:
        raise NotText
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252")


def read_to_the_end() -> None:
    """Read what the browser still sends, within reason, and throw it away."""
    stream, left = request.environ["wsgi.input"], _MOST_TO_READ
    while left > 0 and (piece := stream.read(_PIECE)):
        left -= len(piece)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        raise NotText from problem
