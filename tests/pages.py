"""Reading pages as a browser does: find a form, fill it in, submit it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class FoundForm:
    """A form with the values that a browser would send unchanged."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms, links and text of an answer."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.response = response
        self.forms: list[FoundForm] = []
        self.links: list[str] = []
        self.language = ""
        self._text: list[str] = []
        self._textarea = self._select = ""
        self._hidden = 0
        self._form: FoundForm | None = None
        self.feed(response.text)

    @property
    def text(self) -> str:
        """What a reader sees, white space folded."""
        return " ".join(" ".join(self._text).split())

    def form(self, action: str = "") -> FoundForm:
        """The form whose address ends so; the first POST form without one."""
        for each in self.forms:
            if each.action.endswith(action) if action else each.method == "post":
                return each
        raise AssertionError(f"no form for {action!r} among {[f.action for f in self.forms]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = known.get("lang", "")
        elif tag == "form":
            action = urljoin(self.response.request.path, known.get("action", ""))
            self._form = FoundForm(action, known.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in known:
            self.links.append(known["href"])
        elif tag in ("script", "style"):
            self._hidden += 1
        elif self._form is not None:
            self._control(tag, known)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""
        elif tag in ("script", "style"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.fields[self._textarea] += data.removeprefix("\n")
        elif not self._hidden:
            self._text.append(data)

    def _control(self, tag: str, known: dict[str, str]) -> None:
        assert self._form is not None
        name = known.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            if "selected" in known or self._select not in self._form.fields:
                self._form.fields[self._select] = known.get("value", "")
        elif tag == "textarea":
            self._textarea = name
            self._form.fields[name] = ""
        elif tag == "input" and name and _is_sent(known):
            self._form.fields[name] = known.get("value", "")


def _is_sent(known: dict[str, str]) -> bool:
    """Whether a browser sends this input when nobody has touched it."""
    kind = known.get("type")
    return kind not in ("submit", "file", "checkbox", "radio") or "checked" in known


def visit(client: FlaskClient, path: str, **options: object) -> Page:
    """Follow a link."""
    return Page(client.get(path, **options))  # type: ignore[arg-type]


def follow(client: FlaskClient, path: str, **options: object) -> Page:
    """Follow a link from a mail, which leads to an address without the link."""
    return visit(client, path, follow_redirects=True, **options)


def submit(client: FlaskClient, page: Page, action: str = "", /, **typed: str) -> Page:
    """Fill in a form of the page and send it, following the redirect."""
    form = page.form(action)
    sent = {**form.fields, **typed}
    if form.method == "get":
        return Page(client.get(f"{form.action}?{urlencode(sent)}", follow_redirects=True))
    return Page(client.post(form.action, data=sent, follow_redirects=True))


def let_in(client: FlaskClient, staff_id: object, now: datetime) -> None:
    """Give the browser the cookie of a fresh sign-in, as registration gives it."""
    with client.session_transaction() as kept:
        kept["staff"] = {
            "id": str(uuid4()),
            "staff_id": str(staff_id),
            "epoch": 0,
            "seen_at": now.timestamp(),
            "until": (now + timedelta(hours=12)).timestamp(),
            "second_factor_due": None,
        }


def sign_in(client: FlaskClient, email: str, password: str) -> Page:
    """Sign in as staff through the form."""
    page = visit(client, "/staff/sign-in")
    return submit(client, page, "/sign-in", email=email, password=password)
