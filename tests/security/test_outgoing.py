"""Whom the product speaks to by itself: only what its settings name, never what a person typed."""

import ast
from collections.abc import Iterator
from pathlib import Path

OURS = [*Path("services").rglob("*.py"), *Path("infra").rglob("*.py")]
SPEAK = {
    *(
        "aiohttp",
        "authlib",
        "ftplib",
        "httpx",
        "imaplib",
        "nntplib",
        "poplib",
        "python_http_client",
    ),
    *("requests", "sendgrid", "smtplib", "socket", "telnetlib", "urllib3", "webbrowser", "xmlrpc"),
    *("dns", "http.client", "urllib.request", "websockets"),
}
"""Libraries that open connections; those to database and broker are in the settings too."""


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def speaks(name: str) -> bool:
    return name in SPEAK or name.partition(".")[0] in SPEAK


ADDRESS_FROM = {
    "infra/bounce_sources.py": "the command line of `turnout bounces`",
    "infra/embedded_broker.py": "the data folder",
    "infra/local.py": "TURNOUT_HOST and TURNOUT_PORT",
    "infra/mail_check.py": "TURNOUT_MAIL_URL",
    "infra/pictures.py": "itself: it takes the README's pictures",
    "infra/progress.py": "TURNOUT_HOST and TURNOUT_PORT",
    "infra/readiness.py": "TURNOUT_HOST and TURNOUT_PORT",
    "infra/web_worker.py": "nowhere: it closes what others opened",
    "services/notify/transports/sendgrid.py": "TURNOUT_SENDGRID_HOST",
    "services/notify/transports/smtp.py": "TURNOUT_MAIL_URL",
    "services/registration/openid.py": "TURNOUT_OIDC_ISSUER, and the document that it serves",
}
"""Whoever adds a file here says where the address comes from; from a form or an event it cannot."""


def test_only_these_files_speak_to_others_and_each_to_an_address_from_the_settings() -> None:
    found = {path.as_posix() for path in OURS if any(map(speaks, imports(path)))}
    assert found == set(ADDRESS_FROM)
