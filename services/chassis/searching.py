"""What somebody is looked for by: it stays in the reader's browser session, out of every address.

An address is kept in histories and bookmarks and sent on; a name does not belong in it. The page
is told by `words=kept` that there is something to look for.
"""

import flask
from flask import request

_SEARCHED = "searched"
_LONGEST = 300
KEPT = {"words": "kept"}


def keep_words(place: str, words: str) -> dict[str, str]:
    """Remember what is looked for in a place; returns what its address then has of it."""
    known = flask.session.get(_SEARCHED, {})
    flask.session[_SEARCHED] = known | {place: words[:_LONGEST]}
    return KEPT if words else {}


def kept_words(place: str) -> str:
    """What is looked for there, where this request's address says that something is."""
    if request.args.get("words") != KEPT["words"]:
        return ""
    return str(flask.session.get(_SEARCHED, {}).get(place, ""))
