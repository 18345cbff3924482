"""Every answer of every service: its headers, whose forms it takes, and what it is called."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from services.chassis.protection import CONTENT_SECURITY_POLICY, HEADERS, ONE_YEAR
from services.chassis.service import Runtime
from services.chassis.web import LARGEST_BODY, create_app
from services.contracts import SERVICES
from tests.pages import visit
from tests.security.site import SmallSite

SECURE = "https://workshops.example.org"
ANY_ID = UUID("018f0000-0000-7000-8000-000000000001")
CHANGES = {"DELETE", "PATCH", "POST", "PUT"}
FRAMED = ("/mailbox/", "/staff/mail/")
"""Whose parts of a mail are shown in a frame of ours, with a policy of their own."""


def secure_app(runtime: Runtime) -> Flask:
    """The app as behind a proxy that speaks HTTPS."""
    return create_app(replace(runtime, settings=replace(runtime.settings, base_url=SECURE)))


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every route with an address that fits it."""
    values: dict[str, object] = {
        "UUIDConverter": ANY_ID,
        "IntegerConverter": 1,
        "UnicodeConverter": "0" * 64,
        "PathConverter": "turnout.css",
        "AnyConverter": None,
    }
    adapter = app.url_map.bind("workshops.example.org", url_scheme="https")
    for rule in app.url_map.iter_rules():
        filled = {}
        for name, converter in rule._converters.items():
            kind = type(converter).__name__
            filled[name] = next(iter(converter.items)) if kind == "AnyConverter" else values[kind]
        yield rule, adapter.build(rule.endpoint, filled, method=min(rule.methods or {"GET"}))


def is_protected(answer: TestResponse) -> None:
    where = f"{answer.request.method} {answer.request.path}: {answer.status_code}"
    for name, value in HEADERS.items():
        if name in ("Cache-Control", "Content-Security-Policy"):
            assert answer.headers[name], where
        else:
            assert answer.headers[name] == value, where
    assert answer.headers["Strict-Transport-Security"] == ONE_YEAR, where
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, where
    if answer.request.path.startswith(FRAMED) and policy != CONTENT_SECURITY_POLICY:
        assert "frame-ancestors 'self'; sandbox" in policy, where
    else:
        assert policy == CONTENT_SECURITY_POLICY, where


def browser(app: Flask) -> Client:
    return Client(app)


@pytest.mark.parametrize("name", SERVICES)
def test_every_answer_of_every_route_has_the_headers(site: SmallSite, name: str) -> None:
    app = secure_app(site.runtimes[name])
    client, seen = browser(app), 0
    for _rule, path in routes(app):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "TRACE"):
            is_protected(client.open(path, method=method, base_url=SECURE, buffered=True))
            seen += 1
    assert seen > 50


@pytest.mark.parametrize("name", SERVICES)
def test_errors_have_them_too(site: SmallSite, name: str) -> None:
    app = secure_app(site.runtimes[name])

    def broken() -> str:
        raise RuntimeError("a secret of the inside")

    app.add_url_rule("/broken", view_func=broken)
    client = browser(app)
    answers = {
        404: client.get("/no/such/page", base_url=SECURE),
        405: client.put("/healthz", base_url=SECURE),
        500: client.get("/broken", base_url=SECURE),
        400: client.get("/healthz", base_url="https://evil.example.org"),
    }
    for status, answer in answers.items():
        is_protected(answer)
        assert answer.status_code == status
        assert "Traceback" not in answer.text
        assert "a secret of the inside" not in answer.text


def test_what_is_too_large_has_them_too(site: SmallSite) -> None:
    client = browser(secure_app(site.runtimes["registration"]))
    page = visit(client, f"{SECURE}/staff/sign-in")
    token = page.form().fields["csrf_token"]
    typed = {"csrf_token": token, "email": "x" * LARGEST_BODY}
    answer = client.post("/staff/sign-in", base_url=SECURE, data=typed)
    assert answer.status_code == 413
    is_protected(answer)


def test_no_page_about_a_person_is_kept_by_a_browser_or_a_proxy(site: SmallSite) -> None:
    kept = {}
    for name, runtime in site.runtimes.items():
        app = secure_app(runtime)
        for rule, path in routes(app):
            answer = browser(app).get(path, base_url=SECURE, buffered=True)
            if answer.headers["Cache-Control"] != "no-store":
                kept[f"{name}: {rule.rule}"] = answer.headers["Cache-Control"]
    static = {f"{name}: /static/<path:filename>": "no-cache" for name in SERVICES}
    assert kept == static | {"catalog: /calendar.ics": "public, max-age=900"}


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example.org"},
        {"Origin": "https://workshops.example.org.evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": SECURE, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_route_takes_what_a_page_of_another_site_sends(
    site: SmallSite, name: str, headers: dict[str, str]
) -> None:
    runtime = site.runtimes[name]
    app, client = secure_app(runtime), browser(secure_app(runtime))
    hooks = {pages.name for pages in runtime.service.hooks}
    asked = 0
    for rule, path in routes(app):
        if rule.endpoint.partition(".")[0] in hooks:
            continue
        for method in CHANGES & (rule.methods or set()):
            answer = client.open(path, method=method, base_url=SECURE, headers=headers)
            assert answer.status_code == 403, path
            asked += 1
    assert asked


@pytest.mark.parametrize("name", SERVICES)
def test_every_form_needs_its_token(site: SmallSite, name: str) -> None:
    runtime = site.runtimes[name]
    app = secure_app(runtime)
    others = {pages.name for pages in (*runtime.service.hooks, *runtime.service.api)}
    own = {"Origin": SECURE, "Sec-Fetch-Site": "same-origin"}
    for rule, path in routes(app):
        if "POST" in (rule.methods or set()) and rule.endpoint.partition(".")[0] not in others:
            answer = browser(app).post(path, base_url=SECURE, headers=own)
            assert answer.status_code == 400, path


@pytest.mark.parametrize("host", ["evil.example.org", "workshops.example.org.evil.example"])
def test_the_site_answers_to_its_own_name_only(site: SmallSite, host: str) -> None:
    client = browser(secure_app(site.runtimes["catalog"]))
    answer = client.get("/", base_url=f"https://{host}")
    assert answer.status_code == 400
    assert f"Please go to {SECURE}." in answer.text
    assert host not in answer.text
    assert client.get("/", base_url=SECURE).status_code == 200
    assert client.get("/", base_url="https://127.0.0.1:8000").status_code == 200


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(site: SmallSite) -> None:
    app = secure_app(site.runtimes["registration"])
    answer = browser(app).get("/staff/sign-in", base_url=SECURE)
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if "turnout" in each]
    assert cookie.startswith("__Host-turnout=")
    for wanted in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert wanted in cookie
    assert "Domain" not in cookie
    known = ("MAX_CONTENT_LENGTH", "MAX_FORM_PARTS", "TRUSTED_HOSTS", "SECRET_KEY")
    assert all(app.config[name] for name in known)
    assert not app.debug
