"""Follows the links of a site as a reader could, and sorts what it finds by kind of page."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import APIRequestContext, APIResponse

MOST_PAGES, MOST_FILES = 16, 2
"""Of each kind: the months of the calendar go on for ever, and a file takes time to make."""

_HREF = re.compile(r'<a\s[^>]*?href="([^"]*)"')
_VARIES = re.compile(
    r"(?<=/)(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w.=-]{24,})(?=/|\.|$)"
)


@dataclass(frozen=True)
class Found:
    """A page that answers, with how much there is on it."""

    path: str
    size: int


@dataclass
class Crawl:
    """What was found by kind, and what was wrong on the way."""

    pages: dict[str, list[Found]]
    problems: list[str]

    @property
    def fullest(self) -> dict[str, str]:
        """Of each kind the page with most on it."""
        return {
            kind: max(found, key=lambda each: each.size).path for kind, found in self.pages.items()
        }


def kind_of(path: str) -> str:
    """The address without what tells one page of a kind from another."""
    return _VARIES.sub("*", urlsplit(path).path)


def crawl(request: APIRequestContext, seeds: Iterable[str]) -> Crawl:
    """Every page that can be reached from the seeds; files are asked for too, and not read."""
    found = Crawl({}, [])
    waiting = deque(seeds)
    seen, counts = set(waiting), Counter(map(kind_of, waiting))
    while waiting:
        path = waiting.popleft()
        for link in _visit(request, path, found):
            kind = kind_of(link)
            most = MOST_FILES if PurePosixPath(kind).suffix else MOST_PAGES
            if link not in seen and counts[kind] < most:
                seen.add(link)
                counts[kind] += 1
                waiting.append(link)
    return found


def _visit(request: APIRequestContext, path: str, found: Crawl) -> list[str]:
    answer = request.get(path)
    if answer.status != 200:
        found.problems.append(f"{path} answers {answer.status}")
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    body = answer.text()
    found.pages.setdefault(kind_of(path), []).append(Found(path, len(body)))
    return _links(answer, body)


def _links(answer: APIResponse, body: str) -> list[str]:
    """What it links to on the same site, but for the same page in another language."""
    home = urlsplit(answer.url)
    links = []
    for href in _HREF.findall(body):
        url = urlsplit(urljoin(answer.url, unescape(href)))
        if url.netloc == home.netloc and url.scheme == home.scheme and "lang=" not in url.query:
            links.append(url._replace(scheme="", netloc="", fragment="").geturl())
    return links
