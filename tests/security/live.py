"""A browser and a listener for a running site: what was asked for, and what the broker was told."""

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import redis
import requests

from tests.pages import FoundForm, Page

_PATIENCE_SECONDS = 30


@dataclass
class Visitor:
    """Somebody with a browser; `addresses` are all that it went to, was sent to or was shown."""

    site: str
    addresses: list[str] = field(default_factory=list)
    session: requests.Session = field(default_factory=requests.Session)

    def visit(self, path: str) -> Page:
        """Follow a link."""
        return self._page(self.session.get(urljoin(self.site, path), timeout=_PATIENCE_SECONDS))

    def submit(self, page: Page, action: str, /, **typed: str) -> Page:
        """Fill in a form of the page, as the browser would send it."""
        form: FoundForm = page.form(action)
        sent = form.fields | typed
        if form.method == "get":
            return self.visit(f"{form.action}?{urlencode(sent)}")
        address = urljoin(self.site, form.action)
        headers = {"Origin": self.site}
        return self._page(
            self.session.post(address, data=sent, headers=headers, timeout=_PATIENCE_SECONDS)
        )

    def _page(self, answer: Any) -> Page:
        hops = [*answer.history, answer]
        self.addresses += [each.url for each in hops]
        self.addresses += [each.headers.get("Location", "") for each in hops]
        answer.request.path = urlsplit(answer.url).path
        page = Page(answer)
        self.addresses += [*page.links, *(each.action for each in page.forms)]
        return page


@dataclass
class Overheard:
    """Every command that the broker was given, with the keys and all that it carried."""

    commands: list[str] = field(default_factory=list)

    def carrying(self, marks: re.Pattern[str]) -> list[str]:
        """The commands that carry any of the marks, in the open or inside a message's body."""
        return [each for each in self.commands if marks.search(_opened(each))]


@contextmanager
def listening(client: redis.Redis) -> Iterator[Overheard]:
    """Hear all that the broker is told, as whoever holds its password could."""
    heard = Overheard()
    with client.monitor() as monitor:
        ended = threading.Event()

        def listen() -> None:
            for each in monitor.listen():
                heard.commands.append(each["command"])
                if ended.is_set():
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield heard
        finally:
            ended.set()
            client.ping()
            listener.join()


def _opened(command: str) -> str:
    """A command with the bodies of its messages decoded beside it."""
    bodies = re.findall(r'\\*"body\\*": ?\\*"([A-Za-z0-9+/=]+)\\*"', command)
    return command + " ".join(base64.b64decode(each).decode(errors="replace") for each in bodies)
