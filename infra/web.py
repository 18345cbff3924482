"""The web server: gunicorn, two processes with threads, over one service or the whole site."""

import gc
import logging
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from infra.own_core import choose_core, stay_on_core
from infra.request_bodies import with_honest_bodies
from infra.site import web_app, whole_site
from infra.web_worker import Worker
from services.chassis.config import Settings
from services.chassis.log import configure_logging

WHOLE_SITE = "all"
PROCESSES = 2
THREADS = 16


class _JsonLog(Logger):  # type: ignore[misc]
    """Gunicorn's own lines through our log; no access log, for paths hold members' links."""

    def setup(self, cfg: Any) -> None:
        """Leave the writing to the root logger."""
        self._access_log_enabled = False
        self.loglevel = logging.INFO
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn told by us instead of by a command line.

    The app is made once, before the workers are forked, so that they share its memory. It holds
    neither database connections nor threads until it answers the first request.
    """

    def __init__(self, make_app: Callable[[], WSGIApplication], settings: Settings) -> None:
        self._make_app, self._settings = make_app, settings
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults."""
        host = self._settings.host
        options = {
            "bind": f"{f'[{host}]' if ':' in host else host}:{self._settings.port}",
            "control_socket_disable": True,
            "forwarder_headers": "",  # Or a header from this machine could name another path.
            "graceful_timeout": 10,
            "logger_class": _JsonLog,
            "post_fork": stay_on_core,
            "pre_fork": choose_core,
            "preload_app": True,
            "threads": THREADS,
            "worker_class": Worker,
            "workers": PROCESSES,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """The app, for gunicorn's worker."""
        app = with_honest_bodies(self._make_app())
        gc.collect()
        gc.freeze()  # Else the workers' collectors would write to every page, and have it copied.
        return app


def serve(service: str, settings: Settings, *, behind_proxy: bool) -> None:
    """Serve one service, or the whole site, until told to stop."""
    configure_logging("web" if service == WHOLE_SITE else service)

    def make_app() -> WSGIApplication:
        if service == WHOLE_SITE:
            return whole_site(settings, behind_proxy=behind_proxy)
        return web_app(service, settings, behind_proxy=behind_proxy)

    _Server(make_app, settings).run()
