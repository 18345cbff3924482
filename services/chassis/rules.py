"""What a rule of the policy is made of, and the one function that says who may do what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

ADMIN, COORDINATOR, FACILITATOR = "admin", "coordinator", "facilitator"
LOCAL_OFFICER, AUDITOR = "local_officer", "auditor"
LINK, ANYBODY = "link", "anybody"

STAFF_ROLES: dict[str, LazyString] = {
    ADMIN: _("administrator"),
    COORDINATOR: _("coordinator"),
    FACILITATOR: _("facilitator"),
    LOCAL_OFFICER: _("local officer"),
    AUDITOR: _("auditor"),
}
ROLES = STAFF_ROLES | {LINK: _("whoever has the link"), ANYBODY: _("anybody")}
"""In the order of the table's columns."""

NEEDED_AFTER = timedelta(days=14)
"""How long after a session's last day those who ran it still see who was there."""


class Reach(StrEnum):
    """Whose things a role's right covers."""

    ANY = "any"
    ALL_AREAS = "all_areas"
    OWN_AREAS = "own_areas"
    OWN_SESSIONS = "own_sessions"
    OWN_LOCAL = "own_local"
    OWN = "own"


REACHES: Mapping[Reach, LazyString] = {
    Reach.ANY: _("yes"),
    Reach.ALL_AREAS: _("who has no areas of their own"),
    Reach.OWN_AREAS: _("in own areas"),
    Reach.OWN_SESSIONS: _("own sessions"),
    Reach.OWN_LOCAL: _("own local"),
    Reach.OWN: _("own"),
}


@dataclass(frozen=True)
class Actor:
    """Who wants something, and when. A coordinator without areas works in all of them.

    `actions` are the names of those that an access token was limited to; None limits nothing.
    """

    role: str
    now: datetime
    id: UUID | None = None
    email: str = ""
    areas: frozenset[str] = frozenset()
    organisation_id: UUID | None = None
    actions: frozenset[str] | None = None


@dataclass(frozen=True)
class Thing:
    """What something is done to, as far as the table looks at it.

    What lies in no area is everybody's; with `areas` None it is for those alone who work in all.
    `facilitators` are addresses in small letters; `ends_on` is the last day, where it is.
    """

    areas: frozenset[str] | None = frozenset()
    facilitators: frozenset[str] = frozenset()
    ends_on: date | None = None
    zone: str = "UTC"
    organisation_id: UUID | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True)
class Action:
    """One thing that can be done, and how far each role's right to it reaches.

    `is_recorded` marks what is to be found in the audit log.
    """

    name: str
    words: LazyString
    rights: Mapping[str, Reach] = field(default_factory=lambda: MappingProxyType({}))
    is_recorded: bool = False

    @property
    def is_open(self) -> bool:
        """Whether no account is needed: it is public, or a link says who it is for."""
        return bool(self.rights.keys() & {LINK, ANYBODY})


def may(actor: Actor, action: Action, thing: Thing | None = None) -> bool:
    """Whether somebody may do this to that; without a thing, whether to anything at all."""
    if actor.actions is not None and action.name not in actor.actions:
        return False
    reach = action.rights.get(actor.role) or action.rights.get(ANYBODY)
    if reach is None:
        return False
    return _COVERS[reach](actor, thing) if thing else reach != Reach.ALL_AREAS or not actor.areas


def is_needed(thing: Thing, now: datetime) -> bool:
    """Whether those who run a session have business with it still."""
    if thing.ends_on is None:
        return False
    return now.astimezone(ZoneInfo(thing.zone)).date() <= thing.ends_on + NEEDED_AFTER


def _is_in_areas(actor: Actor, thing: Thing) -> bool:
    return not actor.areas or (thing.areas is not None and thing.areas <= actor.areas)


def _runs(actor: Actor, thing: Thing) -> bool:
    return is_needed(thing, actor.now) and actor.email.casefold() in thing.facilitators


_COVERS: Mapping[Reach, Callable[[Actor, Thing], bool]] = {
    Reach.ANY: lambda _actor, _thing: True,
    Reach.ALL_AREAS: lambda actor, _thing: not actor.areas,
    Reach.OWN_AREAS: _is_in_areas,
    Reach.OWN_SESSIONS: _runs,
    Reach.OWN_LOCAL: lambda actor, thing: (
        actor.organisation_id is not None and actor.organisation_id == thing.organisation_id
    ),
    Reach.OWN: lambda actor, thing: actor.id is not None and actor.id == thing.owner_id,
}
