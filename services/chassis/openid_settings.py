"""The settings of an OpenID provider by which staff may sign in; without them there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from services.chassis.wrong_setting import WrongSetting

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PREFIX = "TURNOUT_OIDC_"
_NEEDED = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
_KNOWN = (*_NEEDED, "NAME", "SECOND_FACTOR")


@dataclass(frozen=True)
class OpenId:
    """A provider.

    `second_factor` is the claim and the value by which it says that it asked for one, such as
    `("amr", "mfa")`; None where it is not believed.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    second_factor: tuple[str, str] | None = None


def read_openid(env: Mapping[str, str]) -> OpenId | None:
    """The provider, when there is one; WrongSetting for half of one, or one that cannot be."""
    given = {name: env.get(_PREFIX + name, "").strip() for name in _KNOWN}
    if not any(given.values()):
        return None
    for name in _NEEDED:
        if not given[name]:
            raise WrongSetting(_PREFIX + name, "is needed as well to sign in by OpenID Connect")
    return OpenId(
        issuer=_issuer(given["ISSUER"]),
        client_id=given["CLIENT_ID"],
        client_secret=given["CLIENT_SECRET"],
        name=given["NAME"] or str(urlsplit(given["ISSUER"]).hostname),
        second_factor=_second_factor(given["SECOND_FACTOR"]),
    )


def _issuer(text: str) -> str:
    """Plain HTTP would let anybody on the way say who somebody is; on one machine there is no way.

    Kept to the letter: the provider has to name itself just so.
    """
    try:
        parts = urlsplit(text)
        is_safe = parts.scheme == "https" or (
            parts.scheme == "http" and parts.hostname in _LOOPBACK
        )
        is_whole = parts.hostname and not parts.query and not parts.fragment and not parts.username
    except ValueError:
        is_safe = is_whole = False
    if not is_safe or not is_whole:
        raise WrongSetting(_PREFIX + "ISSUER", f"{text!r} is not like https://login.example.org")
    return text


def _second_factor(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    claim, _equals, value = text.partition("=")
    if claim not in ("acr", "amr") or not value:
        raise WrongSetting(
            _PREFIX + "SECOND_FACTOR", f"{text!r} is neither like amr=mfa nor like acr=VALUE"
        )
    return claim, value
