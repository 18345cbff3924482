"""The envelope around each event, in the shape of CloudEvents 1.0 JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.contracts.storable import unstorable

LONGEST_TYPE, LONGEST_SOURCE, LONGEST_SUBJECT = 80, 40, 80
"""In characters: the columns of outbox and inbox hold no more."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a service, as its subscribers learn of it.

    `time` is aware UTC; `sequence` counts the events of one subject from 1; `data` is in Python
    values as the contract's schema loads them.
    """

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int
    correlationid: str
    data: dict[str, Any]


class EnvelopeSchema(Schema):
    """The attributes of CloudEvents 1.0 that Turnout uses, and its two extensions."""

    class Meta:
        """Attributes that a later version adds are ignored."""

        unknown = EXCLUDE

    specversion = fields.String(required=True, validate=validate.Equal("1.0"))
    id = fields.UUID(required=True)
    type = fields.String(required=True, validate=validate.Length(max=LONGEST_TYPE))
    source = fields.String(required=True, validate=validate.Length(max=LONGEST_SOURCE))
    subject = fields.String(required=True, validate=validate.Length(max=LONGEST_SUBJECT))
    time = fields.AwareDateTime(required=True, default_timezone=UTC)
    datacontenttype = fields.String(required=True, validate=validate.Equal("application/json"))
    sequence = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    correlationid = fields.String(required=True, validate=validate.Length(max=LONGEST_SUBJECT))
    data = fields.Dict(required=True)


_SCHEMA = EnvelopeSchema()


def to_envelope(event: Event) -> dict[str, Any]:
    """The JSON form of an event whose data is in its JSON form already."""
    attributes = vars(event) | {"specversion": "1.0", "datacontenttype": "application/json"}
    envelope: dict[str, Any] = _SCHEMA.dump(attributes)
    return envelope


def from_envelope(envelope: Any) -> Event:
    """Read an envelope, its data left in JSON form; ValidationError when it is none."""
    if reason := unstorable(envelope):
        raise ValidationError(f"It holds {reason}.")
    attributes = _SCHEMA.load(envelope)
    return Event(**{name: attributes[name] for name in Event.__dataclass_fields__})
