"""The web server's worker, with an end to the patience that clients may ask of its threads.

A thread that reads a request waits for its client as long as it takes. A handful of clients that
send a letter a second would keep all of them, and the site would answer nobody.
"""

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers import gthread

HEAD_SECONDS = 5.0
REQUEST_SECONDS = 30.0
_FIRST_BYTE_SECONDS = 0.2
"""Then the connection waits without a thread; browsers open some that they may never use."""


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """Hangs up on whoever takes too long to ask, or to take the answer."""

    def init_process(self) -> None:
        """Nobody is being waited for yet."""
        gthread.DEFAULT_WORKER_DATA_TIMEOUT = _FIRST_BYTE_SECONDS
        self._deadlines: dict[Any, float] = {}
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Read a request and answer it, in one of the threads."""
        self._deadlines[conn] = time.monotonic() + HEAD_SECONDS
        try:
            return super().handle(conn)
        finally:
            del self._deadlines[conn]

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head has been read; its body may be still on its way."""
        self._deadlines[conn] = time.monotonic() + REQUEST_SECONDS
        return super().handle_request(req, conn)

    def murder_pending(self) -> None:
        """Hang up where it has taken too long; the main thread looks once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, deadline in list(self._deadlines.items()):
            if now > deadline:
                with suppress(OSError):  # It may have ended just now.
                    conn.sock.shutdown(socket.SHUT_RDWR)
