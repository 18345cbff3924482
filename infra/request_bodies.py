"""Bodies that gunicorn cannot read are the client's mistake, which it does not tell the app."""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected


class _Body:
    """A request's body; reading it raises werkzeug's ClientDisconnected where it is broken."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, *size: int) -> bytes:
        return self._told(self._body.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._told(self._body.readline, *size)

    def _told(self, read: Any, *size: int) -> bytes:
        try:
            content: bytes = read(*size)
        except (OSError, ParseException) as problem:
            raise ClientDisconnected from problem
        return content


def with_honest_bodies(app: WSGIApplication) -> WSGIApplication:
    """The app, answering 400 where the chunks of a body make no sense or the client has gone."""

    def answer(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        return app(environ, respond)

    return answer
