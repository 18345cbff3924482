"""What a browser may open by the links that it has followed, kept in our signed cookie.

A link is good for its first request only in the address: from there it would get into histories,
screenshots and other people's logs. The redirect that follows leads to an address that says which
thing it is, and opens nothing by itself.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import flask
from flask import redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

LASTS = timedelta(hours=12)
MOST_OF_A_KIND = 20
SHORTEST_TOKEN = 40
"""Longer than a UUID, so that no address is both a link and what it leads to."""

_OPENED = "opened"
_KEPT_IN_ADDRESS = ("format", "lang")


class LinkNeeded(Forbidden):
    """Something that opens with a link, which this browser has not followed lately."""


def keep_open(
    kind: str, thing: UUID, now: datetime, *, version: int = 0, until: datetime | None = None
) -> None:
    """Let this browser open the thing as the link of this version could.

    That ends `LASTS` from now, or at a moment of the link's own.
    """
    opened = flask.session.get(_OPENED, {})
    others = [each for each in opened.get(kind, []) if each[0] != thing.hex]
    ends = int((until or now + LASTS).timestamp())
    kept = [*others, [thing.hex, version, ends]][-MOST_OF_A_KIND:]
    flask.session[_OPENED] = opened | {kind: kept}


def opened_version(kind: str, thing: UUID, now: datetime) -> int:
    """The version of the link that this browser followed; LinkNeeded when it has followed none."""
    for hexadecimal, version, ends in flask.session.get(_OPENED, {}).get(kind, []):
        if hexadecimal == thing.hex and now.timestamp() < ends:
            return int(version)
    raise LinkNeeded


def without_link(endpoint: str, **thing: Any) -> Response:
    """Go on to the thing's own address, in the language and form that the link asked for."""
    kept = {name: request.args[name] for name in _KEPT_IN_ADDRESS if name in request.args}
    return redirect(url_for(endpoint, **thing | kept))
