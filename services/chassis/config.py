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
from urllib.parse import parse_qsl, urlsplit

from limits import parse_many

from services.chassis.openid_settings import OpenId, read_openid
from services.chassis.weak_keys import weakness
from services.chassis.wrong_setting import WrongSetting
from services.contracts import SERVICES

SHORTEST_SECRET = 32
LONGEST_RETENTION_MONTHS = 120
_LONGEST_SOCKET_PATH = 100
_NEW_KEY = "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'`"


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides; the README's table describes each setting."""

    data: Path
    host: str
    port: int
    base_url: str
    secret_key: str = field(repr=False)
    previous_secret_key: str = field(repr=False)
    broker_url: str = field(repr=False)
    embedded_broker: bool
    database_urls: Mapping[str, str] = field(repr=False)
    mail_url: str = field(repr=False)
    sign_up_limit: str
    address_limit: str
    sendgrid_api_key: str = field(repr=False)
    sendgrid_host: str
    sendgrid_webhook_key: str
    bounces_password: str = field(repr=False)
    retention_months: int
    openid: OpenId | None

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
        previous_secret_key=_strong(env, "TURNOUT_SECRET_KEY_PREVIOUS", base_url),
        broker_url=_broker(broker_url) if broker_url else f"redis+socket://{broker_socket(data)}",
        embedded_broker=not broker_url,
        database_urls=MappingProxyType({name: _database_url(env, name, data) for name in SERVICES}),
        mail_url=_mail_url(env),
        sign_up_limit=_limit(env, "TURNOUT_SIGN_UP_LIMIT", "60 per 10 minutes"),
        address_limit=_limit(env, "TURNOUT_ADDRESS_LIMIT", "3 per hour"),
        sendgrid_api_key=env.get("SENDGRID_API_KEY", ""),
        sendgrid_host=env.get("TURNOUT_SENDGRID_HOST") or "https://api.sendgrid.com",
        bounces_password=env.get("TURNOUT_BOUNCES_PASSWORD", ""),
        retention_months=_months(env.get("TURNOUT_RETENTION_MONTHS") or "24"),
        openid=read_openid(env),
        sendgrid_webhook_key=_webhook_key(env.get("TURNOUT_SENDGRID_WEBHOOK_KEY") or ""),
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
    _check_addresses(text)
    if scheme == "sendgrid":
        sendgrid_options(text)
        if not env.get("SENDGRID_API_KEY"):
            raise WrongSetting("SENDGRID_API_KEY", "is needed when TURNOUT_MAIL_URL is sendgrid:")
    return text


def _check_addresses(mail_url: str) -> None:
    """Who mail comes from, and over SMTP where it comes back to; a misspelt option is none.

    The library is loaded only where there is an address to check.
    """
    parts = urlsplit(mail_url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    addresses = {name: given.pop(name) for name in ("from", "bounces") if name in given}
    if parts.scheme != "sendgrid" and given:
        raise WrongSetting("TURNOUT_MAIL_URL", f"has no option {sorted(given)[0]!r}")
    if "bounces" in addresses and parts.scheme not in ("smtp", "smtps"):
        raise WrongSetting("TURNOUT_MAIL_URL", "bounces= is for smtp:// and smtps:// alone")
    for name, address in addresses.items():
        if not _is_address(address):
            raise WrongSetting("TURNOUT_MAIL_URL", f"{name} is {address!r}, no e-mail address")


def _is_address(text: str) -> bool:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return text.isascii()


@dataclass(frozen=True)
class SendGridOptions:
    """What the mail address says of SendGrid; `timeout` is in seconds."""

    sandbox: bool = False
    timeout: float = 15.0


def sendgrid_options(mail_url: str) -> SendGridOptions:
    """Read `sendgrid:?sandbox=yes&timeout=15`; WrongSetting for what is misspelt or too much."""
    given = dict(parse_qsl(urlsplit(mail_url).query, keep_blank_values=True))
    given.pop("from", None)
    sandbox, timeout = given.pop("sandbox", "no"), given.pop("timeout", "15")
    if given:
        raise WrongSetting("TURNOUT_MAIL_URL", f"sendgrid: has no option {sorted(given)[0]!r}")
    if sandbox not in ("yes", "no"):
        raise WrongSetting("TURNOUT_MAIL_URL", f"sandbox is {sandbox!r}, not yes or no")
    if not (timeout.isascii() and timeout.isdigit() and 1 <= int(timeout) <= 60):
        raise WrongSetting("TURNOUT_MAIL_URL", f"timeout is {timeout!r}, not 1 to 60 seconds")
    return SendGridOptions(sandbox == "yes", float(timeout))


def _webhook_key(text: str) -> str:
    """The key that SendGrid shows for its signed Event Webhook: P-256, DER, base64.

    The library is loaded only where a key is set: most processes have no use for it.
    """
    if not text:
        return text
    from services.chassis.signatures import public_key  # noqa: PLC0415

    try:
        public_key(text)
    except ValueError as problem:
        raise WrongSetting(
            "TURNOUT_SENDGRID_WEBHOOK_KEY",
            "is not the verification key that SendGrid shows beside its signed Event Webhook",
        ) from problem
    return text


def _limit(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name) or default
    if text == "off":
        return text
    try:
        parse_many(text)
    except ValueError as problem:
        raise WrongSetting(name, f"{text!r} is neither off nor like {default!r}") from problem
    return text


def _months(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_RETENTION_MONTHS):
        raise WrongSetting(
            "TURNOUT_RETENTION_MONTHS",
            f"{text!r} is not a number of months (1 to {LONGEST_RETENTION_MONTHS})",
        )
    return int(text)


def _secret_key(env: Mapping[str, str], data: Path, base_url: str) -> str:
    if key := _strong(env, "TURNOUT_SECRET_KEY", base_url):
        return key
    if base_url.startswith("https://"):
        raise WrongSetting("TURNOUT_SECRET_KEY", "is required when TURNOUT_BASE_URL is https://")
    return _kept_secret(data)


def _strong(env: Mapping[str, str], name: str, base_url: str) -> str:
    """A key from the environment, empty when it is not set; on a real site it must be a secret."""
    key = env.get(name) or ""
    if key and len(key) < SHORTEST_SECRET:
        raise WrongSetting(name, f"is shorter than {SHORTEST_SECRET} characters")
    if key and base_url.startswith("https://") and (reason := weakness(key)):
        raise WrongSetting(name, f"{reason}; {_NEW_KEY} makes a better one")
    return key


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
