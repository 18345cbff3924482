"""The web server's worker: a fair share of the clients, and an end to the patience with them.

A thread that reads a request waits for its client as long as it takes. A handful of clients that
send a letter a second would keep all of them, and the site would answer nobody.
"""

import math
import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers import gthread

HEAD_SECONDS = 5.0
REQUEST_SECONDS = 30.0
_FIRST_BYTE_SECONDS = 0.2
"""Then the connection waits without a thread; browsers open some that they may never use."""
_MOMENT_SECONDS = 0.1


class Worker(gthread.ThreadWorker):  # type: ignore[misc]
    """Leaves clients that it has no thread for to the other workers.

    Hangs up on whoever takes too long to ask, or to take the answer.
    """

    def init_process(self) -> None:
        """Nobody is being waited for yet, and all threads are free."""
        gthread.DEFAULT_WORKER_DATA_TIMEOUT = _FIRST_BYTE_SECONDS
        self._deadlines: dict[Any, float] = {}
        self._full_since = math.inf
        super().init_process()

    @property
    def worker_connections(self) -> int:
        """How many it may have just now.

        Gunicorn would take whatever it is the first to see, up to three of four that come at once,
        and these would wait for its threads while another worker's have nothing to do. So one
        without a free thread takes none for a moment; then it does, as all must be as busy.
        """
        most: int = self.cfg.worker_connections
        if self._has_free_thread():
            self._full_since = math.inf
            return most
        now = time.monotonic()
        self._full_since = min(self._full_since, now)
        return most if now - self._full_since > _MOMENT_SECONDS else 0

    @worker_connections.setter
    def worker_connections(self, _number: int) -> None:
        """It is reckoned anew each time."""

    def _has_free_thread(self) -> bool:
        resting = len(self.keepalived_conns) + len(self.pending_conns)
        return bool(self.nr_conns - resting < self.cfg.threads)

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
