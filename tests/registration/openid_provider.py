"""A real OpenID provider over HTTP on loopback, made with Authlib, which can be told to lie."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "turnout", "a secret of the tests"
KEY = RSAKey.generate_key(2048, {"kid": "first"})


@dataclass
class User:
    """Whoever sits before the provider's page; signing in there is not part of the tests."""

    claims: dict[str, Any]

    def get_user_id(self) -> str:
        return "somebody"


class Client(ClientMixin):
    client_id = CLIENT_ID

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/staff/sign-in/provider/back")

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):
    """A code on its way from the browser to the token endpoint."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    user: User

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str:
        return ""

    def get_amr(self) -> list[str]:
        return []


@dataclass
class Provider:
    """Whom it vouches for, and how its answers differ from what they should be."""

    email: str
    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    is_signed: bool = True
    tells_in: str = "id_token"
    codes: dict[str, Code] = field(default_factory=dict)
    asked_with: dict[str, str] = field(default_factory=dict)

    def user(self) -> User:
        return User({"email": self.email, "email_verified": True})


def _grant(provider: Provider) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            names = ("nonce", "code_challenge", "code_challenge_method")
            provider.codes[code] = Code(
                code,
                redirect_uri=data["redirect_uri"],
                scope=data["scope"],
                user=request.user,
                **{name: data.get(name, "") for name in names},
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> User:
            return authorization_code.user

    return Grant


def _open_id(provider: Provider) -> OpenIDCode:
    class Token(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: Client) -> RSAKey:
            return KEY

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": provider.issuer, "aud": [CLIENT_ID]}

        def get_encode_header(self, client: Client) -> dict[str, str]:
            return {"alg": "RS256", "kid": "first"}

        def generate_user_info(self, user: User, scope: str) -> UserInfo:
            told = user.claims if provider.tells_in == "id_token" else {}
            return UserInfo(sub="somebody", **told)

        def encode_id_token(self, token: dict[str, Any], request: Any) -> str:
            honest = super().encode_id_token(token, request)
            claims = {**jwt.decode(honest, KEY).claims, **provider.claims}
            if provider.is_signed:
                return jwt.encode({"alg": "RS256", "kid": "first"}, claims, KEY)
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."

    return Token(require_nonce=True)


def _app(provider: Provider) -> Flask:
    app = Flask("provider")
    server = AuthorizationServer(
        app, query_client=lambda _id: Client(), save_token=lambda _token, _request: None
    )
    server.register_grant(_grant(provider), [CodeChallenge(required=True), _open_id(provider)])

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Response:
        endpoints = ("authorization", "token", "userinfo")
        return jsonify(
            issuer=provider.issuer,
            jwks_uri=f"{provider.issuer}/keys",
            id_token_signing_alg_values_supported=["RS256", "none"],
            **{f"{name}_endpoint": f"{provider.issuer}/{name}" for name in endpoints},
        )

    @app.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[KEY.as_dict(private=False)])

    @app.get("/authorization")
    def authorization() -> Response:
        provider.asked_with = request.args.to_dict()
        grant = server.get_consent_grant(end_user=provider.user())
        answer: Response = server.create_authorization_response(
            grant=grant, grant_user=provider.user()
        )
        return answer

    @app.post("/token")
    def token() -> Response:
        answer: Response = server.create_token_response()
        return answer

    @app.get("/userinfo")
    def userinfo() -> Response:
        return jsonify(sub="somebody", **provider.user().claims)

    return app


@contextmanager
def a_provider(email: str) -> Iterator[Provider]:
    """The provider at work, on a free port."""
    provider = Provider(email)
    server = make_server("127.0.0.1", 0, _app(provider), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def path_of(address: str) -> str:
    """Address without the host, as the test's browser asks for it."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"
