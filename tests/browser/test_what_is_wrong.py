"""The pages that tell staff what is wrong, with something on them, open to everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from infra.composition import opened
from services.chassis.config import read_settings
from services.chassis.ids import new_id
from services.chassis.inbox import PARKED, REFUSED, InboxRow
from services.chassis.refusals import count_refusal
from services.chassis.seals import UNKNOWN_KEY
from tests.browser.looking_closely import problems_of
from tests.browser.site import Site, Visitors
from tests.browser.staff_steps import sign_in
from tests.system.launcher import environment, turnout

ERROR = "sqlalchemy.exc.IntegrityError:UNIQUE_constraint_failed_at_workshop_session_and_more"
"""In one word that is wider than a telephone."""
WORDS = {
    "en": ("An event could not be handled", "Gone in the last thirty days", "Eastern Time"),
    "fr": (
        "Un événement n’a pas pu être traité",
        "Réglé au cours des trente derniers jours",
        "heure de l’Est",
    ),
}


@contextmanager
def something_wrong(site: Site) -> Iterator[None]:
    """An event that could not be handled, messages that were refused, and what the check says."""
    settings = read_settings({"TURNOUT_DATA": str(site.data)})
    now, its_id = datetime.now(UTC), new_id()
    with opened("registration", settings) as runtime:
        with runtime.database.writing() as db:
            about = {"producer": "catalog", "type": "session.published.v9", "subject": str(its_id)}
            more = {"received_at": now, "outcome": PARKED, "attempts": 5, "error": ERROR}
            db.add(InboxRow(event_id=its_id, **about, **more))
            count_refusal(db, UNKNOWN_KEY, now)
        reconcile(site)
        yield
        with runtime.database.writing() as db:
            db.execute(sa.delete(InboxRow).where(InboxRow.outcome.in_((PARKED, REFUSED))))
    reconcile(site)


def reconcile(site: Site) -> None:
    """What the clock does each night."""
    done = turnout("reconcile", "--note", env=environment(site.data, 8000))
    assert done.returncode in (0, 1), done.stderr


def look_at(page: Page, path: str, words: str, language: str) -> list[str]:
    page.goto(f"{path}?lang={language}")
    expect(page.get_by_role("main")).to_contain_text(words)
    return problems_of(page, language)


def test_what_is_wrong_is_told_on_pages_open_to_everybody(visitors: Visitors, site: Site) -> None:
    page, problems = visitors.come(), []
    sign_in(page, site.account("admin"))
    with something_wrong(site):
        for language, (wrong, _gone, zone) in WORDS.items():
            problems += look_at(page, "/staff/events/registration/", ERROR, language)
            expect(page.get_by_role("main")).to_contain_text(zone)
            problems += look_at(page, "/staff/discrepancies", wrong, language)
        page.locator('a[href="/staff/events/registration/"]').click()
        expect(page.get_by_role("main")).to_contain_text(ERROR)
    for language, (_wrong, gone, _zone) in WORDS.items():
        problems += look_at(page, "/staff/discrepancies", gone, language)
    assert problems == []
