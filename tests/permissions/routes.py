"""Every route of every service with the action that it names, and how each is asked."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.composition import begin
from services.chassis.access import action_of
from services.chassis.rules import Action
from services.chassis.web import create_app
from services.contracts import SERVICES
from tests.databases import settings_for


@dataclass(frozen=True)
class Route:
    """A route as the service's map has it; converters are `<kind:name>`."""

    service: str
    method: str
    rule: str
    action: Action | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"


@dataclass(frozen=True)
class Body:
    """A body that the route takes; `{name}` stands for one of a world's things."""

    form: dict[str, str] = field(default_factory=dict)
    json: dict[str, Any] | None = None


def all_routes() -> list[Route]:
    """Every route; the two that each app has besides its own are taken once."""
    found = {(each.name, each.service): each for each in _routes()}
    everywhere = ("/static/<path:filename>", "/healthz")
    return [
        each
        for each in found.values()
        if each.service == SERVICES[0] or each.rule not in everywhere
    ]


def _routes() -> Iterator[Route]:
    with tempfile.TemporaryDirectory() as folder:
        for service in SERVICES:
            app = create_app(begin(service, settings_for(Path(folder))))
            for rule in app.url_map.iter_rules():
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield Route(service, method, rule.rule, action_of(app, rule.endpoint, method))


_REASON = {"reason": "As agreed"}
_MESSAGE = {
    "message_id": "{fresh_id}",
    "session_id": "{session_id}",
    "to": "confirmed",
    "subject_en": "Hello",
    "body_en": "Hello",
    "subject_fr": "Bonjour",
    "body_fr": "Bonjour",
    "size": "1",
}
_SESSION_FORM = {
    "days.0.date": "2031-03-01",
    "zone": "America/Toronto",
    "online": "yes",
    "title_en": "Stewarding",
    "area": "{area}",
    "reason": "As agreed",
}
_SUPPRESSION = {"email": "nobody@example.org", "stream": "all", "words": "Asked for it"}
_LETTERHEAD = {"sender_name": "Turnout", "colour": "#104060"}
_ACCOUNT = {"role": "coordinator", "areas": "{area}"}
_NEW_ACCOUNT = {"name": "New", "email": "{fresh_id}@example.org", "language": "en"}

BODIES = {
    "POST /staff/workshops/bulk": Body({"session_ids": "{draft_id}", "capacity": "12"}),
    "POST /staff/workshops/publish": Body({"session_ids": "{draft_id}"}),
    "POST /staff/workshops/new": Body({"title_en": "Another"}),
    "POST /staff/workshops/<uuid:workshop_id>": Body({"title_en": "Stewarding"}),
    "POST /staff/workshops/<uuid:workshop_id>/sessions": Body({"first_day": "2031-04-01"}),
    "POST /staff/workshops/sessions/<uuid:session_id>": Body(_SESSION_FORM),
    "POST /staff/workshops/sessions/<uuid:session_id>/cancel": Body(_REASON),
    "POST /staff/workshops/sessions/<uuid:session_id>/capacity": Body({"capacity": "9"} | _REASON),
    "POST /staff/workshops/sessions/<uuid:session_id>/duplicate": Body({"first_day": "2031-05-01"}),
    "POST /staff/workshops/sessions/<uuid:session_id>/flags/settle": Body(
        {"key": "listing_says:{who}"}
    ),
    "POST /api/v1/sessions": Body(json={"workshop_id": "{workshop_id}", "area": "{area}"}),
    "PATCH /api/v1/sessions/<uuid:session_id>": Body(json={"notes": "As agreed"}),
    "POST /api/v1/sessions/<uuid:session_id>/cancel": Body(json=_REASON),
    "POST /api/v1/workshops": Body(json={"title_en": "Another"}),
    "PATCH /api/v1/workshops/<uuid:workshop_id>": Body(json={"topic": "Safety"}),
    "POST /api/v1/registrations/<uuid:registration_id>/cancel": Body(json=_REASON),
    "POST /staff/organisations": Body(
        {"number": "{number}", "name": "Some Local", "area": "{area}", "affiliated": "yes"}
    ),
    "POST /staff/organisations/preferences/rosters": Body({"roster_mail": "link"}),
    "POST /staff/registrations/<uuid:registration_id>/act": Body({"action": "note"} | _REASON),
    "POST /staff/registrations/<uuid:registration_id>/address": Body(
        {"email": "moved@example.org"} | _REASON
    ),
    "POST /staff/sessions/<uuid:session_id>/recipients": Body(
        {"name": "Pat", "email": "pat@example.org", "language": "en"}
    ),
    "POST /staff/sessions/<uuid:session_id>/recipients/colleague": Body({"staff_id": "{staff_id}"}),
    "POST /staff/tasks/<uuid:task_id>/settle": Body({"outcome": "Rang them"}),
    "POST /staff/messages/write": Body(_MESSAGE),
    "POST /staff/messages/preview": Body(_MESSAGE),
    "POST /staff/messages/test": Body(_MESSAGE),
    "POST /staff/messages/send": Body(_MESSAGE),
    "POST /staff/sign-in/forgotten": Body({"email": "{fresh_id}@example.org"}),
    "POST /staff/sign-in/new-password/<uuid:staff_id>": Body(
        {"new_password": "{password}", "repeated": "{password}"}
    ),
    "POST /staff/accounts": Body(_NEW_ACCOUNT | _ACCOUNT | {"password": "{password}"}),
    "POST /staff/accounts/<uuid:staff_id>": Body(_ACCOUNT),
    "POST /staff/tokens": Body({"name": "Dues", "days": "1", "actions": "see_people"}),
    "POST /staff/mail/suppressions": Body(_SUPPRESSION),
    "POST /staff/mail/suppressions/<uuid:suppression_id>/lift": Body({"reason": "It works again"}),
    "POST /staff/mail/letterhead": Body(_LETTERHEAD),
    "POST /staff/mail/letterhead/<any(en, fr):reading>": Body(_LETTERHEAD),
    "POST /staff/mail/held/<any(release, drop):decision>": Body({"newest": "{fresh_id}"}),
    "POST /unsubscribe/<string(minlength=40):token>": Body({"List-Unsubscribe": "One-Click"}),
    "POST /staff/mail/<uuid:mail_id>/copy": Body({"email": "{mail_email}"}),
}
"""What each route is sent beside the token of its form; others need nothing."""

FIXED = {
    "filename": "turnout.css",
    "kind": "confirmed",
    "number": "1",
}
"""What stands for the parts of an address that name no thing."""
