"""A site with two of everything, one within reach and one beyond, and an account of each role."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from werkzeug.test import Client

from infra.composition import begin
from infra.migrations import migrate_all
from services.catalog.models import WorkshopSession
from services.chassis.ids import new_id
from services.chassis.inbox import PARKED, InboxRow
from services.chassis.links import Links
from services.chassis.outbox import OutboxRow
from services.chassis.rules import ANYBODY, COORDINATOR, LINK, STAFF_ROLES, Actor, Thing
from services.chassis.service import Runtime
from services.chassis.staff import digest
from services.contracts import SERVICES
from services.notify.models import ANNOUNCEMENT, Delivery
from services.notify.suppressions import BY_STAFF, listed, suppress
from services.registration.accounts import Remit, add_staff
from services.registration.directory import DirectoryEntry, load_directory, organisation_by_number
from services.registration.forgotten_password import LINK_LIVES
from services.registration.people import who_is
from services.registration.person_models import ERASURE, EXPORT
from services.registration.requests import ask_by_member, ask_export
from services.registration.roster_recipients import recipients_of
from services.registration.tasks import MAIL_BOUNCED, open_task
from services.registration.tokens import make_token
from tests.catalog.factories import a_day, a_draft
from tests.catalog.factories import a_session as a_catalog_session
from tests.databases import settings_for
from tests.notify.factories import a_contact, announcement, confirmed
from tests.notify.factories import a_session as a_mailed_session
from tests.notify.post import receive, send_all
from tests.pages import sign_in, visit
from tests.registration.factories import signed_up, soon, tell_of
from tests.security.site import SmallSite

PASSWORD = "correct horse battery staple"
AREAS = {"own": "North", "other": "South"}
NUMBERS = {"own": "1207", "other": "4410"}
EVERYWHERE = "coordinator of all areas"
PEOPLE = (ANYBODY, LINK, *STAFF_ROLES, EVERYWHERE)
"""Who asks: nobody in particular, whoever has the links, and an account of each role."""


@dataclass(frozen=True)
class Half:
    """What stands for each part of an address, how the policy sees it, and what opens it."""

    names: dict[str, str]
    thing: Thing
    links: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """The site, its halves, and somebody of each kind with a browser and a token for programs."""

    services: dict[str, Runtime]
    halves: dict[str, Half]
    actors: dict[str, Actor]
    browsers: dict[str, Client]
    bearers: dict[str, str]

    def close(self) -> None:
        for each in self.services.values():
            each.database.dispose()


def make_world(folder: Path, **databases: str) -> World:
    """Everything through the services' own commands."""
    settings, now = settings_for(folder, **databases), datetime.now(UTC)
    assert len(list(migrate_all(settings))) == len(SERVICES)
    services = {name: begin(name, settings) for name in SERVICES}
    _locals(services["registration"], now)
    actors = {who: _actor(services["registration"], who, now) for who in PEOPLE}
    bearers = {who: _bearer(services["registration"], each, now) for who, each in actors.items()}
    _tell_accounts(services, now)
    halves = {half: _half(services, half, actors, now) for half in AREAS}
    site = SmallSite(services)
    browsers = {who: site.visitor() for who in PEOPLE}
    for who, browser in browsers.items():
        _open(browser, actors[who])
    return World(services, halves, actors, browsers, bearers)


def _locals(runtime: Runtime, now: datetime) -> None:
    entries = [DirectoryEntry(NUMBERS[half], f"{area} Crews", area) for half, area in AREAS.items()]
    with runtime.database.writing() as db:
        load_directory(db, entries, now=now)


def _actor(runtime: Runtime, who: str, now: datetime) -> Actor:
    if who in (ANYBODY, LINK):
        return Actor(ANYBODY, now)
    role = COORDINATOR if who == EVERYWHERE else who
    email = f"{who.replace(' ', '.')}@example.org"
    with runtime.database.writing() as db:
        local = organisation_by_number(db, NUMBERS["own"])
        remit = Remit(() if who == EVERYWHERE else [AREAS["own"]], local.id if local else None)
        account = {"name": who, "email": email, "role": role, "password": PASSWORD}
        member = add_staff(db, **account, remit=remit, now=now)
    return Actor(
        role,
        now,
        id=member.id,
        email=email,
        areas=frozenset(member.areas),
        organisation_id=member.organisation_id,
    )


def _bearer(runtime: Runtime, actor: Actor, now: datetime) -> str:
    if actor.id is None:
        return ""
    with runtime.database.writing() as db:
        return make_token(db, email=actor.email, days=1, now=now)


def _tell_accounts(services: dict[str, Runtime], now: datetime) -> None:
    """Let the others hear of the accounts, as their workers would."""
    with services["registration"].database.reading() as db:
        told = [(each.subscriber, each.envelope) for each in db.scalars(sa.select(OutboxRow))]
    for subscriber, envelope in told:
        services[subscriber].inbox.receive(envelope, now)


def _half(services: dict[str, Runtime], half: str, actors: dict[str, Actor], now: datetime) -> Half:
    area, last_day = AREAS[half], date(2031, 2, 20)
    email = actors["facilitator"].email if half == "own" else "somebody.else@example.org"
    people = [{"name": "Sam", "email": email, "language": "en"}]
    in_catalog, session_id = _in_catalog(services["catalog"], area, people)
    in_registration, links = _in_registration(
        services["registration"], half, soon(**session_id, area=area, facilitators=people), now
    )
    in_notify, more_links = _in_notify(services["notify"], area, now)
    with services["registration"].database.reading() as db:
        local = organisation_by_number(db, NUMBERS[half])
    assert local is not None
    names = {"area": area, "number": NUMBERS[half], "organisation_id": str(local.id)}
    events = {"event_id": _parked(services, now), "sign_in_id": str(new_id())}
    thing = Thing(
        areas=frozenset({area}),
        facilitators=frozenset({email}),
        ends_on=last_day,
        zone="America/Toronto",
        organisation_id=local.id,
    )
    all_names = names | in_catalog | in_registration | in_notify | events
    return Half(all_names, thing, (*links, *more_links))


def _in_catalog(
    runtime: Runtime, area: str, people: list[dict[str, str]]
) -> tuple[dict[str, str], dict[str, object]]:
    known = {"area": area, "facilitators": people, "days": [a_day("2031-02-20")]}
    session, draft = a_catalog_session(runtime, **known), a_draft(runtime, **known)
    with runtime.database.writing() as db:
        flags = [{"code": "listing_says", "field": who, "detail": ""} for who in PEOPLE]
        db.get_one(WorkshopSession, session.id).flags = flags
    names = {
        "session_id": session.id,
        "draft_id": draft.id,
        "workshop_id": session.workshop_id,
    }
    return {name: str(each) for name, each in names.items()}, {"session_id": session.id}


def _in_registration(
    runtime: Runtime, half: str, facts: dict[str, object], now: datetime
) -> tuple[dict[str, str], tuple[str, ...]]:
    session_id = tell_of(runtime, facts | {"capacity": 9}, now=now)
    seen, linked, told, erased = (
        signed_up(runtime, session_id, f"{name} {half}", now=now).registration
        for name in ("Alex", "Kim", "Dana", "Eli")
    )
    with runtime.database.writing() as db:
        opened, removed = recipients_of(db, session_id)
        about = {"session_id": session_id, "registration_id": seen.id}
        task = open_task(db, MAIL_BOUNCED, **about, words="No such address", since=now)
        member, owner = (
            add_staff(
                db,
                name=name,
                email=f"{name}.{half}@example.org",
                role=COORDINATOR,
                password=PASSWORD,
                now=now,
            )
            for name in ("jo", "owner")
        )
        token = make_token(db, email=owner.email, days=1, now=now)
        who = who_is(db, seen.person.email, name=seen.name)
        asked = ask_export(db, who, actor="jo", reason="Asked", now=now)
        own_export = ask_by_member(db, told.id, EXPORT, now=now)
        own_erasure = ask_by_member(db, erased.id, ERASURE, now=now)
        assert own_export is not None
        assert own_erasure is not None
        db.flush()
        names = {
            "registration_id": seen.id,
            "own_place": linked.id,
            "own_roster": opened.id,
            "recipient_id": removed.id,
            "task_id": task.id,
            "staff_id": member.id,
            "digest": digest(token),
            "request_id": asked.id,
            "own_export": own_export.id,
            "own_erasure": own_erasure.id,
            "own_account": owner.id,
        }
    links = Links(runtime.settings)
    place = links.manage(linked.id, linked.link_version)
    roster = links.roster(links.roster_token(opened.id))
    data, erasure = links.data(own_export.id), links.data(own_erasure.id)
    password = links.new_password(owner.id, owner.sign_in_epoch, now + LINK_LIVES)
    base_url = runtime.settings.base_url
    return (
        {name: str(each) for name, each in names.items()},
        tuple(each.removeprefix(base_url) for each in (place, roster, data, erasure, password)),
    )


def _in_notify(
    runtime: Runtime, area: str, now: datetime
) -> tuple[dict[str, str], tuple[str, ...]]:
    contact = a_contact(email=f"ann.{area.lower()}@example.org")
    session = a_mailed_session(area=area)
    more = {"recipient": contact, "session": session, "registration_id": new_id()}
    receive(runtime, confirmed(**more), at=now)
    wanted = {"recipient": contact, "area": area, "agreed_at": now, "group_message_id": new_id()}
    receive(runtime, announcement(**wanted), at=now)
    send_all(runtime, now)
    with runtime.database.writing() as db:
        stopped = f"stopped.{area.lower()}@example.org"
        suppress(db, stopped, stream="all", reason=BY_STAFF, words="Asked", by="Jo", now=now)
        db.flush()
        suppression = listed(db, stopped, now)[0]
        found = db.scalars(sa.select(Delivery).where(Delivery.area == area)).all()
    mails = {each.stream: each for each in found}
    announced = mails.pop(ANNOUNCEMENT)
    (mail,) = mails.values()
    names = {
        "mail_id": mail.id,
        "delivery_id": mail.id,
        "mail_email": mail.recipient_email,
        "announced_id": announced.id,
        "suppression_id": suppression.id,
    }
    link = Links(runtime.settings).unsubscribe(announced.id)
    return (
        {name: str(each) for name, each in names.items()},
        (link.removeprefix(runtime.settings.base_url),),
    )


def _parked(services: dict[str, Runtime], now: datetime) -> str:
    """One event that no service could handle; its id."""
    event_id = new_id()
    for runtime in services.values():
        with runtime.database.writing() as db:
            row = {"producer": "catalog", "type": "unknown.v1", "subject": "1", "received_at": now}
            more = {"outcome": PARKED, "attempts": 5, "error": "no handler"}
            db.add(InboxRow(event_id=event_id, **row, **more))
    return str(event_id)


def _open(browser: Client, actor: Actor) -> None:
    """Sign in where there is an account."""
    if actor.id is not None:
        sign_in(browser, actor.email, PASSWORD)  # type: ignore[arg-type]


def form_token(browser: Client, own: Half) -> str:
    """What a form of this browser's carries against forgery."""
    page = visit(browser, f"/sign-up/{own.names['session_id']}")  # type: ignore[arg-type]
    return page.form("").fields["csrf_token"]
