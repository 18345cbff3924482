"""The demonstration as a browser reaches it, and the people who come with browsers of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page

from infra.first_accounts import FirstAccount, read_accounts
from tests.notify.sendgrid_events import SigningKey, an_event, in_one_batch
from tests.system.launcher import end, launch

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What Chromium's console says of every page with such a status, wanted or not."""


@dataclass
class Site:
    """Where it is, and who can sign in."""

    url: str
    data: Path
    provider: SigningKey
    """With it reports of a mail provider are signed."""

    def account(self, role: str) -> FirstAccount:
        return next(each for each in read_accounts(self.data) if each.role == role)

    def report(self, request: APIRequestContext, kind: str, mail_id: str) -> None:
        """What a mail provider tells of a mail, as it tells it."""
        body = in_one_batch([an_event(kind, mail_id)])
        headers = self.provider.headers(body)
        answer = request.post(f"{self.url}/hooks/sendgrid", data=body, headers=headers)
        assert answer.status == 204


@contextmanager
def a_demonstration(data: Path) -> Iterator[Site]:
    """The whole site with the demonstration calendar, stopped at the end."""
    provider = SigningKey()
    settings = {"TURNOUT_SIGN_UP_LIMIT": "off", "TURNOUT_SENDGRID_WEBHOOK_KEY": provider.public}
    launched = launch(data, "--demo", **settings)
    try:
        yield Site(launched.url, data, provider)
    finally:
        end(launched)


@dataclass
class Visitors:
    """Each comes with cookies of their own; what their browsers complain about is kept."""

    browser: Browser
    url: str
    patience_ms: int
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def come(self, **wishes: Any) -> Page:
        """A window on the blank page; at a desk and in English, unless they wish otherwise."""
        usual = {"viewport": DESKTOP, "locale": "en-CA", "timezone_id": "America/Toronto"}
        context = self.browser.new_context(base_url=self.url, **(usual | wishes))
        context.set_default_timeout(self.patience_ms)
        self._watch(context)
        self._contexts.append(context)
        return context.new_page()

    def leave(self) -> None:
        for each in self._contexts:
            each.close()

    def _watch(self, context: BrowserContext) -> None:
        ours = urlsplit(self.url).netloc
        context.on("console", lambda message: self._hear(message.type, message.text))
        context.on("weberror", lambda problem: self._hear("error", str(problem.error)))
        context.on("request", lambda request: self._trace(ours, request.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(REFUSED):
            self.complaints.append(text)

    def _trace(self, ours: str, url: str) -> None:
        if urlsplit(url).netloc not in ("", ours):
            self.complaints.append(f"asked another host: {url}")
