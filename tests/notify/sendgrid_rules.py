"""What SendGrid demands of the body of `POST /v3/mail/send`, after its published OpenAPI file.

Where the file is silent, its documented errors and known refusals are held to as well: reserved
headers, line breaks in headers, the order of the parts, the same address twice, and parameters
behind a media type other than a calendar file's method. Unknown properties are refused, which
the real one does not always do: a misspelt one of ours must not pass.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from email_validator import EmailNotValidError, validate_email

LARGEST_BODY = 30 * 1024 * 1024
HELP = "https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors"
RESERVED_HEADERS = frozenset(
    {
        *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type"),
        *("content-transfer-encoding", "to", "from", "subject", "reply-to", "cc", "bcc"),
    }
)
_HEADER_NAME = re.compile(r"[!-9;-~]+")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?method=[A-Z]+)?", re.ASCII)


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong, and the field that it is in."""

    field: str | None
    message: str

    def as_json(self) -> dict[str, Any]:
        place = (self.field or "message").split(".")[0]
        return {"message": self.message, "field": self.field, "help": f"{HELP}#{place}"}


Complaints = Iterator[Complaint]
Rule = Callable[[str, Any], Complaints]


def complaints(body: Any) -> list[Complaint]:
    """All that is wrong with a request; nothing for one that SendGrid takes."""
    found = list(_REQUEST("", body))
    return found or list(_across(body))


def text(least: int = 0, most: int | None = None) -> Rule:
    def check(field: str, value: Any) -> Complaints:
        if not isinstance(value, str):
            yield Complaint(field, "must be a string")
        elif len(value) < least:
            yield Complaint(field, f"must be at least {least} characters long")
        elif most is not None and len(value) > most:
            yield Complaint(field, f"must be at most {most} characters long")

    return check


def a(kind: type, name: str) -> Rule:
    def check(field: str, value: Any) -> Complaints:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            yield Complaint(field, f"must be {name}")

    return check


def an_object(required: tuple[str, ...] = (), **rules: Rule) -> Rule:
    def check(field: str, value: Any) -> Complaints:
        if not isinstance(value, dict):
            yield Complaint(field or None, "must be an object")
            return
        for name in required:
            if name not in value:
                yield Complaint(_inside(field, name), f"The {name} parameter is required.")
        for name, inner in value.items():
            if name not in rules:
                yield Complaint(_inside(field, name), "Additional property is not allowed")
            else:
                yield from rules[name](_inside(field, name), inner)

    return check


def a_list(rule: Rule, *, least: int = 0, most: int | None = None, unique: bool = False) -> Rule:
    def check(field: str, value: Any) -> Complaints:
        if not isinstance(value, list):
            yield Complaint(field, "must be an array")
            return
        if len(value) < least:
            yield Complaint(field, f"must have at least {least} items")
        if most is not None and len(value) > most:
            yield Complaint(field, f"must have at most {most} items")
        if unique and len({str(each) for each in value}) < len(value):
            yield Complaint(field, "must have no item twice")
        for number, each in enumerate(value):
            yield from rule(f"{field}.{number}", each)

    return check


def _inside(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _email(field: str, value: Any) -> Complaints:
    if not isinstance(value, str) or not _is_address(value):
        yield Complaint(field, "Does not contain a valid address.")


@lru_cache(10_000)
def _is_address(value: str) -> bool:
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return value == value.strip()


def _one_line(least: int = 0) -> Rule:
    def check(field: str, value: Any) -> Complaints:
        yield from text(least)(field, value)
        if isinstance(value, str) and re.search(r"[\r\n\x00]", value):
            yield Complaint(field, "must not contain CR, LF or NUL")
        if isinstance(value, str) and len(value.encode()) > 998:
            yield Complaint(field, "is longer than a line of a message may be")

    return check


def _headers(field: str, value: Any) -> Complaints:
    if not isinstance(value, dict):
        yield Complaint(field, "must be an object")
        return
    for name, inner in value.items():
        place = f"{field}.{name}"
        if not _HEADER_NAME.fullmatch(name):
            yield Complaint(place, "Header names must be printable ASCII without a colon.")
        if name.lower() in RESERVED_HEADERS:
            yield Complaint(place, f"The header {name} is reserved.")
        yield from _one_line()(place, inner)
        if isinstance(inner, str) and not inner.isascii():
            yield Complaint(place, "Header values must be ASCII.")


def _custom_args(field: str, value: Any) -> Complaints:
    if not isinstance(value, dict):
        yield Complaint(field, "must be an object")
        return
    for name, inner in value.items():
        yield from text()(f"{field}.{name}", inner)
    if sum(len(f"{name}{inner}".encode()) for name, inner in value.items()) > 10_000:
        yield Complaint(field, "may not exceed 10,000 bytes")


def _media_type(field: str, value: Any) -> Complaints:
    yield from text(1)(field, value)
    if isinstance(value, str) and value and not _MEDIA_TYPE.fullmatch(value):
        yield Complaint(field, "The type cannot contain ';', or CRLF characters.")


def _base64(field: str, value: Any) -> Complaints:
    yield from text(1)(field, value)
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        yield Complaint(field, "The attachment content must be base64 encoded.")


def _disposition(field: str, value: Any) -> Complaints:
    if value not in ("inline", "attachment"):
        yield Complaint(field, "must be inline or attachment")


def _across(body: dict[str, Any]) -> Complaints:
    """What no single property shows."""
    yield from _subjects(body)
    types = [part["type"] for part in body.get("content", ())]
    if not types and "template_id" not in body:
        yield Complaint("content", "Unless a valid template_id is provided, content is required.")
    if "text/plain" in types[1:]:
        yield Complaint("content", "If present, text/plain must be first, then text/html.")
    if "text/html" in types and types.index("text/html") > types.count("text/plain"):
        yield Complaint("content", "text/html must be first, or follow text/plain.")
    if "reply_to" in body and "reply_to_list" in body:
        yield Complaint("reply_to_list", "Use either reply_to or reply_to_list.")
    yield from _recipients(body)


def _subjects(body: dict[str, Any]) -> Complaints:
    everyone_has_one = all("subject" in each for each in body["personalizations"])
    if "subject" not in body and "template_id" not in body and not everyone_has_one:
        yield Complaint("subject", "The subject is required.")


def _recipients(body: dict[str, Any]) -> Complaints:
    total = 0
    for number, person in enumerate(body["personalizations"]):
        boxes = [*person["to"], *person.get("cc", ()), *person.get("bcc", ())]
        addresses = [box["email"].lower() for box in boxes]
        total += len(addresses)
        if len(set(addresses)) < len(addresses):
            message = "Each email address in the personalization block should be unique."
            yield Complaint(f"personalizations.{number}", message)
    if total > 1000:
        yield Complaint("personalizations", "There is a limit of 1000 total recipients.")


_BOX = an_object(("email",), email=_email, name=_one_line())
_ENABLE = a(bool, "a boolean")
_SWITCH = an_object(enable=_ENABLE)
_PERSON = an_object(
    ("to",),
    **{"from": _BOX},
    to=a_list(_BOX, least=1, most=1000),
    cc=a_list(_BOX, most=1000),
    bcc=a_list(_BOX, most=1000),
    subject=_one_line(1),
    headers=_headers,
    substitutions=_custom_args,
    dynamic_template_data=a(dict, "an object"),
    custom_args=_custom_args,
    send_at=a(int, "an integer"),
)
_ATTACHMENT = an_object(
    ("content", "filename"),
    content=_base64,
    type=_media_type,
    filename=_one_line(1),
    disposition=_disposition,
    content_id=_one_line(1),
)
_TRACKING = an_object(
    click_tracking=an_object(enable=_ENABLE, enable_text=_ENABLE),
    open_tracking=an_object(enable=_ENABLE, substitution_tag=text()),
    subscription_tracking=an_object(
        enable=_ENABLE, text=text(), html=text(), substitution_tag=text()
    ),
    ganalytics=an_object(
        enable=_ENABLE,
        utm_source=text(),
        utm_medium=text(),
        utm_term=text(),
        utm_content=text(),
        utm_campaign=text(),
    ),
)
_MAIL_SETTINGS = an_object(
    bypass_list_management=_SWITCH,
    bypass_spam_management=_SWITCH,
    bypass_bounce_management=_SWITCH,
    bypass_unsubscribe_management=_SWITCH,
    footer=an_object(enable=_ENABLE, text=text(), html=text()),
    sandbox_mode=_SWITCH,
)
_REQUEST = an_object(
    ("personalizations", "from"),
    **{"from": _BOX},
    personalizations=a_list(_PERSON, least=1, most=1000),
    reply_to=_BOX,
    reply_to_list=a_list(_BOX, most=1000, unique=True),
    subject=_one_line(1),
    content=a_list(an_object(("type", "value"), type=_media_type, value=text(1))),
    attachments=a_list(_ATTACHMENT),
    template_id=text(1),
    headers=_headers,
    categories=a_list(text(1, 255), most=10, unique=True),
    custom_args=_custom_args,
    send_at=a(int, "an integer"),
    batch_id=text(1),
    asm=an_object(
        ("group_id",),
        group_id=a(int, "an integer"),
        groups_to_display=a_list(a(int, "an integer"), most=25),
    ),
    ip_pool_name=text(2, 64),
    mail_settings=_MAIL_SETTINGS,
    tracking_settings=_TRACKING,
)
