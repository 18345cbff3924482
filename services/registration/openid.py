"""Signing in by OpenID Connect: what the provider vouches for, or why it does not."""

from typing import Any

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from services.chassis.openid_settings import OpenId
from services.registration.vouching import NotVouched, ProviderAway, Vouched

PATIENCE_SECONDS = 5
_LEEWAY_SECONDS = 60
_SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How an ID token may be signed: by a key that only the provider has, never not at all."""


class Provider:
    """The provider, for one step of one sign-in; what it publishes is read anew each time."""

    def __init__(self, settings: OpenId) -> None:
        self._settings = settings
        self._app = FlaskOAuth2App(
            FlaskIntegration("provider"),
            name="provider",
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email",
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE_SECONDS,
            },
        )

    def ask(self, back: str) -> Response:
        """Where to send the browser; state, nonce and verifier stay in its session."""
        claim, value = self._settings.second_factor or ("", "")
        wanted = {"acr_values": value} if claim == "acr" else {}
        try:
            self._learn()
            answer: Response = self._app.authorize_redirect(back, **wanted)
        except (requests.RequestException, RuntimeError, ValueError, TypeError) as problem:
            raise ProviderAway from problem
        return answer

    def hear(self) -> Vouched:
        """What the provider says of whoever has come back, checked; ProviderAway, NotVouched."""
        try:
            self._learn()
            claims = self._claims()
        except (OAuthError, JoseError) as problem:
            raise NotVouched(type(problem).__name__) from problem
        except (requests.RequestException, RuntimeError, ValueError, TypeError) as problem:
            raise ProviderAway from problem
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise NotVouched("address_not_verified")
        return Vouched(claims["email"], self._asked_for_both(claims))

    def _learn(self) -> None:
        metadata = self._app.load_server_metadata()
        if metadata.get("issuer") != self._settings.issuer:
            raise ValueError("the provider calls itself something else")
        metadata["id_token_signing_alg_values_supported"] = list(_SIGNED)

    def _claims(self) -> dict[str, Any]:
        """The ID token's, and of the rest what the provider tells only where it is asked."""
        expected = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
            "exp": {"essential": True},
            "nonce": {"essential": True},
        }
        token = self._app.authorize_access_token(claims_options=expected, leeway=_LEEWAY_SECONDS)
        claims = token.get("userinfo")
        if claims is None:
            raise NotVouched("no_id_token")
        if "email" in claims:
            return dict(claims)
        more = self._app.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise NotVouched("another_subject")
        return {**more, **claims}

    def _asked_for_both(self, claims: dict[str, Any]) -> bool:
        """Whether it says so, in the way that this site is set to believe."""
        if self._settings.second_factor is None:
            return False
        claim, value = self._settings.second_factor
        said = claims.get(claim)
        return value in said if isinstance(said, list) else said == value
