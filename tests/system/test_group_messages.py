"""A message to a group reaches each of thirty once, although workers and senders are killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from services.chassis.ids import new_id
from services.chassis.service import Runtime, start
from services.notify.app import SERVICE
from services.notify.models import ACCEPTED
from services.registration.app import SERVICE as REGISTRATION
from services.registration.audiences import Audience
from services.registration.group_messages import Draft, send_group_message
from tests.databases import SECRET, StartService, settings_for
from tests.facts import eventually
from tests.notify.factories import a_contact, group_message
from tests.notify.mail_servers import HOST, Postmaster, smtp_server
from tests.notify.post import deliveries, receive
from tests.system.launcher import commands_of
from tests.system.members import Site, a_site

READERS, HALFWAY = 30, 12
FASTER = 600.0
"""How many times faster the second sender's time runs, not to wait for the first one's claims."""


@dataclass
class Stalling(Postmaster):
    """Takes some mails, then keeps whoever calls waiting until it is told to go on."""

    go_on: Event = field(default_factory=Event)

    async def handle_RCPT(self, *call: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if len(self.taken) >= HALFWAY:
            await asyncio.get_running_loop().run_in_executor(None, self.go_on.wait)
        return await super().handle_RCPT(*call)


@contextmanager
def a_sender(runtime: Runtime, port: int, speed: float) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that sends what is due."""
    settings = {
        "TURNOUT_DATA": str(runtime.settings.data),
        "TURNOUT_SECRET_KEY": SECRET,
        "TURNOUT_BASE_URL": runtime.settings.base_url,
        "TURNOUT_NOTIFY_DATABASE_URL": runtime.settings.database_urls["notify"],
        "TURNOUT_MAIL_URL": f"smtp://{HOST}:{port}",
    }
    command = [sys.executable, "-m", "tests.system.season_sender", str(time.time()), str(speed)]
    process = subprocess.Popen(command, env=os.environ | settings)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_sender_killed_halfway_leaves_nobody_out_and_nobody_with_two(
    start_service: StartService,
) -> None:
    runtime, postmaster = start_service(SERVICE), Stalling()
    readers = [f"member{number}@example.org" for number in range(READERS)]
    for address in readers:
        asked = group_message(registration_id=new_id(), recipient=a_contact(email=address))
        receive(runtime, asked, at=datetime.now(UTC))
    with smtp_server(postmaster) as port:
        with a_sender(runtime, port, speed=1.0):
            eventually(lambda: is_stalled(runtime, postmaster), within=60)
        postmaster.go_on.set()
        with a_sender(runtime, port, speed=FASTER):
            eventually(lambda: all_accepted(runtime), within=60)
    assert Counter(each.rcpt_tos[0] for each in postmaster.taken) == Counter(readers)


def is_stalled(runtime: Runtime, postmaster: Stalling) -> None:
    """Some are taken and noted, and a mail is on its way that is not."""
    states = Counter(each.state for each in deliveries(runtime))
    assert len(postmaster.taken) == states[ACCEPTED] >= HALFWAY
    assert states["sending"]


def all_accepted(runtime: Runtime) -> None:
    states = Counter(each.state for each in deliveries(runtime))
    assert states == {ACCEPTED: READERS}


def test_workers_killed_while_the_message_goes_out_double_and_lose_nothing(
    tmp_path: Path,
) -> None:
    with a_site(tmp_path / "data") as site:
        session_id = site.publish_session(READERS)
        site.crowd(session_id, READERS)
        write_to_the_confirmed(site, UUID(session_id))
        for each, command in commands_of(site.launched.data):
            if "worker" in command:
                each.send_signal(signal.SIGKILL)
        eventually(lambda: everybody_has_the_message(site), within=90)


def write_to_the_confirmed(site: Site, session_id: UUID) -> None:
    """What the page does when its author presses “send”, with the site's own database."""
    registration = start(REGISTRATION, settings_for(site.launched.data))
    subject = {"en": "Parking", "fr": "Stationnement"}
    body = {"en": "Behind the hall, {name}.", "fr": "Derrière la salle, {name}."}
    draft = Draft(new_id(), Audience("confirmed", session_id), subject, body)
    with registration.database.writing() as db:
        now = datetime.now(UTC)
        send_group_message(db, draft, author="Coordinator", expected=READERS, now=now)
    registration.database.dispose()


def everybody_has_the_message(site: Site) -> None:
    found = [each for each in site.mail() if each["Subject"] in ("Parking", "Stationnement")]
    addresses = Counter(str(each["To"].addresses[0].addr_spec) for each in found)
    assert addresses == Counter(f"member.{number}@example.org" for number in range(READERS))
