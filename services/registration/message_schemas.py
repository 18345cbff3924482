"""A message to a group as its form sends it, and what can be wrong with it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext
from marshmallow import ValidationError, fields, validates_schema

from services.chassis.fields import Identifier, Input, Text, Whole
from services.documents.group_text import OF_A_SESSION, OF_ANYBODY, PAGE, unknown_fields
from services.registration import audiences
from services.registration.audiences import CLUSTER, LOCAL, Audience
from services.registration.group_messages import LANGUAGES, Draft

LONGEST_SUBJECT, LONGEST_BODY = 150, 5000
_AREA, _LOCAL = "area:", "local:"


class MessageInput(Input):
    """A message in one language or both; `size` is how many readers its author was shown.

    `to` is a group of the session; without one `local:` with an id or `area:` with a name, or the
    words that staff typed to name either.
    """

    message_id = Identifier(required=True)
    session_id = Identifier(load_default=None)
    to = Text(300, required=True)
    organisation_id = Identifier(load_default=None)
    subject_en = Text(LONGEST_SUBJECT, load_default="")
    body_en = Text(LONGEST_BODY, lines=True, load_default="")
    subject_fr = Text(LONGEST_SUBJECT, load_default="")
    body_fr = Text(LONGEST_BODY, lines=True, load_default="")
    size = Whole(0, 1_000_000, load_default=0)

    @validates_schema
    def check(self, data: dict[str, Any], **_options: Any) -> None:
        """Each language whole or not at all, one of them at least, and no unknown field."""
        problems = dict(_problems(data))
        if data["session_id"] and audience_of(data) is None:
            problems["to"] = _("Please choose a group.")
        if problems:
            raise ValidationError({name: [str(words)] for name, words in problems.items()})


def merge_fields(*, of_a_session: bool) -> tuple[str, ...]:
    """The fields that a message may have."""
    return OF_A_SESSION if of_a_session else OF_ANYBODY


def draft_of(data: dict[str, Any]) -> Draft:
    """The message, from a form that was found right."""
    audience = audience_of(data)
    if audience is None:
        raise ValueError("the form names no group")
    return Draft(
        id=data["message_id"],
        audience=audience,
        subject={each: data[f"subject_{each}"] for each in LANGUAGES},
        body={each: data[f"body_{each}"] for each in LANGUAGES},
    )


def audience_of(data: dict[str, Any]) -> Audience | None:
    """The group that the form names; None when it is none."""
    to = data["to"]
    if data["session_id"]:
        known = to in audiences.OF_A_SESSION
        return Audience(to, data["session_id"], data["organisation_id"]) if known else None
    if area := to.removeprefix(_AREA) if to.startswith(_AREA) else "":
        return Audience(CLUSTER, area=area)
    key = _id(to.removeprefix(_LOCAL)) if to.startswith(_LOCAL) else None
    return Audience(LOCAL, organisation_id=key) if key else None


def choice_of_area(area: str) -> str:
    """What the form sends for an area."""
    return f"{_AREA}{area}"


def choice_of_local(organisation_id: UUID) -> str:
    """What the form sends for a local."""
    return f"{_LOCAL}{organisation_id}"


def _id(text: str) -> UUID | None:
    try:
        return fields.UUID().deserialize(text)
    except ValidationError:
        return None


def _problems(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    known = merge_fields(of_a_session=bool(data["session_id"]))
    if not data["body_en"] and not data["body_fr"]:
        yield "body_en", _("Please write the message in English, in French, or in both.")
    for language in LANGUAGES:
        subject, body = data[f"subject_{language}"], data[f"body_{language}"]
        if body and not subject:
            yield f"subject_{language}", _("Please give the message a subject.")
        if subject and not body and (data["body_en"] or data["body_fr"]):
            yield f"body_{language}", _("Please write the message, or leave its subject out too.")
        of_subject = tuple(each for each in known if each != PAGE)
        for name, text, fits in (("subject", subject, of_subject), ("body", body, known)):
            if unknown := unknown_fields(text, fits):
                yield f"{name}_{language}", _unknown(unknown)


def _unknown(names: list[str]) -> str:
    words: str = ngettext(
        "There is no field %(names)s here.",
        "There are no fields %(names)s here.",
        len(names),
        names=", ".join(names),
    )
    return words
