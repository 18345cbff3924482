"""The settings: read once from the environment into a frozen object."""

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from limits import parse_many

from services.contracts import SERVICES

SHORTEST_SECRET = 32
_LONGEST_SOCKET_PATH = 100


class WrongSetting(Exception):
    """A setting that is missing or cannot be right; the message names it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides; the README's table describes each setting."""

    data: Path
    host: str
    port: int
    base_url: str
    secret_key: str = field(repr=False)
    broker_url: str
    embedded_broker: bool
    database_urls: Mapping[str, str] = field(repr=False)
    mail_url: str = field(repr=False)
    sign_up_limit: str
    sendgrid_api_key: str = field(repr=False)
    sendgrid_host: str

    @property
    def secure(self) -> bool:
        """Whether the site is reached over HTTPS, as every production site is."""
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; WrongSetting names the first setting that is wrong."""
    env = _with_files(os.environ if environ is None else environ)
    data = Path(env.get("TURNOUT_DATA") or "var").resolve()
    host = env.get("TURNOUT_HOST") or "127.0.0.1"
    port = _port(env.get("TURNOUT_PORT") or "8000")
    base_url = _base_url(env.get("TURNOUT_BASE_URL") or f"http://{_reachable(host)}:{port}")
    broker_url = env.get("TURNOUT_REDIS_URL") or ""
    return Settings(
        data=data,
        host=host,
        port=port,
        base_url=base_url,
        secret_key=_secret_key(env, data, base_url),
        broker_url=_broker(broker_url) if broker_url else f"redis+socket://{broker_socket(data)}",
        embedded_broker=not broker_url,
        database_urls=MappingProxyType({name: _database_url(env, name, data) for name in SERVICES}),
        mail_url=_mail_url(env),
        sign_up_limit=_limit(env.get("TURNOUT_SIGN_UP_LIMIT") or "60 per 10 minutes"),
        sendgrid_api_key=env.get("SENDGRID_API_KEY", ""),
        sendgrid_host=env.get("TURNOUT_SENDGRID_HOST") or "https://api.sendgrid.com",
    )


def broker_socket(data: Path) -> Path:
    """Where the embedded broker listens; a path too long for a socket gets a short stand-in."""
    path = data / "valkey" / "valkey.sock"
    if len(str(path)) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(str(data).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"turnout-{digest}.sock"


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Let `NAME_FILE` stand for `NAME`, so that secrets can come from files."""
    found = dict(environ)
    for name in [each for each in environ if each.endswith("_FILE")]:
        setting = name.removesuffix("_FILE")
        if not setting.startswith(("TURNOUT_", "SENDGRID_")):
            continue
        try:
            found[setting] = Path(environ[name]).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise WrongSetting(name, f"cannot be read ({problem.strerror})") from problem
    return found


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise WrongSetting("TURNOUT_PORT", f"{text!r} is not a port number (1 to 65535)")
    return int(text)


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - compared, not bound


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise WrongSetting(
            "TURNOUT_BASE_URL", f"{text!r} is not like https://workshops.example.org"
        )
    return text.rstrip("/")


def _broker(text: str) -> str:
    if urlsplit(text).scheme not in ("redis", "rediss", "redis+socket"):
        raise WrongSetting(
            "TURNOUT_REDIS_URL", "must begin with redis://, rediss:// or redis+socket://"
        )
    return text


def _database_url(env: Mapping[str, str], service: str, data: Path) -> str:
    """SQLAlchemy's form of the address; SQLite in the data folder where none is set."""
    name = f"TURNOUT_{service.upper()}_DATABASE_URL"
    text = env.get(name) or f"sqlite:///{data / service}.sqlite3"
    scheme, _, rest = text.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme != "sqlite":
        raise WrongSetting(name, "must begin with postgresql:// or sqlite:///")
    return text


def _mail_url(env: Mapping[str, str]) -> str:
    text = env.get("TURNOUT_MAIL_URL") or "folder:"
    scheme = urlsplit(text).scheme
    if scheme not in ("folder", "smtp", "smtps", "sendgrid"):
        raise WrongSetting(
            "TURNOUT_MAIL_URL", "must begin with folder:, smtp://, smtps:// or sendgrid:"
        )
    if scheme == "sendgrid" and not env.get("SENDGRID_API_KEY"):
        raise WrongSetting("SENDGRID_API_KEY", "is needed when TURNOUT_MAIL_URL is sendgrid:")
    return text


def _limit(text: str) -> str:
    if text == "off":
        return text
    try:
        parse_many(text)
    except ValueError as problem:
        raise WrongSetting(
            "TURNOUT_SIGN_UP_LIMIT", f"{text!r} is neither off nor like '60 per 10 minutes'"
        ) from problem
    return text


def _secret_key(env: Mapping[str, str], data: Path, base_url: str) -> str:
    key = env.get("TURNOUT_SECRET_KEY") or ""
    if key and len(key) < SHORTEST_SECRET:
        raise WrongSetting("TURNOUT_SECRET_KEY", f"is shorter than {SHORTEST_SECRET} characters")
    if key:
        return key
    if base_url.startswith("https://"):
        raise WrongSetting("TURNOUT_SECRET_KEY", "is required when TURNOUT_BASE_URL is https://")
    return _kept_secret(data)


def _kept_secret(data: Path) -> str:
    """The key in the data folder, made at the first start; only its owner may read it."""
    path = data / "secret_key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_secret(path)
        return path.read_text(encoding="ascii")
    except OSError as problem:
        raise WrongSetting(
            "TURNOUT_DATA", f"cannot write to {data} ({problem.strerror})"
        ) from problem


def _make_secret(path: Path) -> None:
    """Put a whole key in its place at once; of two processes that do, the first one's stays."""
    number, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(number, "w", encoding="ascii") as draft:
        draft.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
