"""Every text of the corpora sent to a service: stored whole and shown intact, or not at all."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.catalog.models import Workshop
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.models import Registration
from tests.hostile.conftest import TOKEN, Target
from tests.hostile.corpora.everything import as_kept, as_read, some
from tests.hostile.corpora.scripts import SCRIPTS
from tests.hostile.effort import LONG, report
from tests.hostile.markup import Markup
from tests.pages import sign_in, submit, visit
from tests.registration.conftest import PASSWORD

STAFF = {"Authorization": f"Bearer {TOKEN}"}
OURS = frozenset({"link", "script", "form", "iframe"})
TITLES = ("title_en", "title_fr", "topic", "series")
PROSE = ("description_en", "description_fr", "bring_en", "bring_fr", "prerequisites_en")


def how_many(runtime: Runtime, model: type[Any]) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def a_sign_up(text: str, number: int) -> dict[str, Any]:
    given = {"name": text, "role": text, "organisation": text, "needs": text}
    address = f"member{number}@example.org"
    return given | {"email": address, "language": "fr", "not_listed": True}


def send(client: FlaskClient, path: str, body: dict[str, Any], **headers: str) -> Any:
    answer = client.post(path, json=body, headers={"Accept-Language": "fr"} | headers)
    assert answer.status_code in (201, 413, 422), (answer.status_code, body)
    return answer


def stored(
    target: Target, client: FlaskClient, path: str, bodies: list[dict[str, Any]], model: type[Any]
) -> list[dict[str, Any]]:
    """Send each; returns those that were taken, the others having left nothing behind."""
    taken, before = [], how_many(target.runtime, model)
    for body in bodies:
        answer = send(client, path, body, **STAFF)
        if answer.status_code == 201:
            taken.append(body)
            continue
        if answer.status_code == 413:  # Eight times the longest text is more than a request holds.
            continue
        errors = answer.json["errors"]
        assert set(errors) <= set(body), body
        assert all(each and "This " not in each for [each] in errors.values()), errors
    assert how_many(target.runtime, model) == before + len(taken)
    return taken


@pytest.mark.parametrize("target", ["registration"], indirect=True)
def test_a_sign_up_is_shown_as_it_was_typed_or_refused_by_field(target: Target) -> None:
    client = create_app(target.runtime).test_client()
    session_id = target.ids["session_id"]
    bodies = [a_sign_up(text, number) for number, text in enumerate(some(one_in=23))]
    path = f"/api/v1/sessions/{session_id}/registrations"
    taken = stored(target, client, path, bodies, Registration)
    listed = {each["email"]: each for each in client.get(path, headers=STAFF).json}
    for body in taken:
        shown = listed[body["email"]]
        kept = [shown[name] for name in ("name", "role", "organisation")]
        assert kept == [as_kept(body["name"])] * 3
    sign_in(client, "coordinator@example.org", PASSWORD)
    page = Markup(client.get(f"/staff/sessions/{session_id}").text, allowed=OURS)
    assert page.dangers == []
    assert [body for body in taken if as_read(as_kept(body["name"])) not in page.text] == []
    report(f"sign-ups on {target.dialect}", len(bodies), taken=len(taken))


@pytest.mark.parametrize("target", ["catalog"], indirect=True)
def test_a_workshop_is_kept_as_it_was_written_or_refused_by_field(target: Target) -> None:
    client = create_app(target.runtime).test_client()
    bodies = [dict.fromkeys((*TITLES, *PROSE), text) for text in some(one_in=23)]
    taken = stored(target, client, "/api/v1/workshops", bodies, Workshop)
    listed = client.get("/api/v1/workshops", headers=STAFF).json
    kept = {each["title"]["en"]: each for each in listed}
    for body in taken:
        text = as_kept(body["title_en"])
        shown = kept[text]
        assert [shown["topic"], shown["series"], shown["description"]["fr"]] == [text] * 3
        assert shown["bring"] == {"en": text, "fr": text}
    report(f"workshops on {target.dialect}", len(bodies), taken=len(taken))


@pytest.mark.parametrize("target", ["registration"], indirect=True)
def test_a_form_that_is_refused_comes_back_as_it_was_filled_in(target: Target) -> None:
    client = create_app(target.runtime).test_client()
    form = visit(client, f"/sign-up/{target.ids['session_id']}?lang=fr")
    typed = {"name": "{{7*7}}\x1b", "email": "alex@@example.org", "role": "<b>'\"</b>"}
    page = submit(client, form, **typed, organisation="1207", needs="</textarea><script>")
    assert page.response.status_code == 422
    again = page.form(f"/sign-up/{target.ids['session_id']}").fields
    assert again["role"] == typed["role"]
    assert again["needs"] == "</textarea><script>"
    assert "Veuillez" in page.text
    assert Markup(page.response.text, allowed=OURS).dangers == []
    assert how_many(target.runtime, Registration) == 1


@pytest.mark.parametrize("target", ["catalog"], indirect=True)
def test_no_script_runs_in_the_public_calendar(target: Target) -> None:
    client = create_app(target.runtime).test_client()
    workshop = f"/api/v1/workshops/{target.ids['workshop_id']}"
    session = f"/api/v1/sessions/{target.ids['session_id']}"
    assert client.post(f"{session}/publish", headers=STAFF).status_code == 200
    for text in some_scripts():
        names = ("title_en", "description_en", "bring_en", "prerequisites_en", "topic")
        changed = client.patch(workshop, json=dict.fromkeys(names, text), headers=STAFF)
        assert changed.status_code == 200
        for path in (f"/sessions/{target.ids['session_id']}", "/"):
            assert Markup(client.get(path).text, allowed=OURS).dangers == [], text


def some_scripts() -> list[str]:
    """Those that fit a topic; all of them in a long run."""
    fit = [text for text in SCRIPTS if text.isprintable() and len(text) <= 80]
    return fit if LONG else fit[::25]
