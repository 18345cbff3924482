"""The page of access tokens: staff make, see and revoke their own, administrators see all."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import ValidationError, fields, validates
from werkzeug.wrappers import Response

from services.chassis.access import allowed, may_now, require
from services.chassis.fields import Input, Text, Whole
from services.chassis.forms import Form, read_form
from services.chassis.policy import ACTIONS, KEEP_TOKENS
from services.chassis.rules import Thing
from services.chassis.running import runtime
from services.chassis.staff import AccessToken, StaffMember, staff_member
from services.registration.accounts import AccountRefused
from services.registration.tokens import grantable, make_token, revoke_token, tokens_of
from services.registration.wording import local_moment

tokens_pages = Blueprint("tokens", __name__, url_prefix="/staff/tokens")
MOST_DAYS = 366
USUAL_DAYS = "90"


class TokenInput(Input):
    """What a new token is for."""

    name = Text(100, required=True)
    days = Whole(1, MOST_DAYS, required=True)
    actions = fields.List(Text(40), load_default=list)

    @validates("actions")
    def _is_for_something(self, actions: list[str], **_rest: Any) -> None:
        if not actions:
            raise ValidationError(str(lazy_gettext("Tick at least one thing that it may do.")))


@dataclass(frozen=True)
class TokenLine:
    """A token as the list shows it."""

    digest: str
    name: str
    owner: str
    may: list[str]
    expires: str
    is_over: bool
    last_used: str


@tokens_pages.get("")
@allowed(KEEP_TOKENS)
def tokens() -> str:
    """One's own tokens; an administrator's list has everybody's."""
    return _show(Form(values={"days": USUAL_DAYS}))


@tokens_pages.post("")
@allowed(KEEP_TOKENS)
def make() -> tuple[str, int]:
    """Make a token of one's own, and show it this once."""
    typed, data = read_form(TokenInput())
    if data is None:
        return _show(typed), 422
    try:
        with runtime().database.writing() as db:
            made = make_token(db, email=staff_member().email, **data, now=datetime.now(UTC))
    except AccountRefused:
        typed.refuse("actions", _("A token may do no more than you may."))
        return _show(typed), 422
    return _show(Form(values={"days": USUAL_DAYS}), made=made), 201


@tokens_pages.post("/<string(length=64):digest>/revoke")
@allowed(KEEP_TOKENS)
def revoke(digest: str) -> Response:
    """Let a token be good for nothing from now on."""
    with runtime().database.writing() as db:
        token = db.get(AccessToken, digest)
        if token is None:
            abort(404)
        require(KEEP_TOKENS, Thing(owner_id=token.staff_id))
        revoke_token(db, digest, datetime.now(UTC))
    flash(_("The token is revoked."), "success")
    return redirect(url_for("tokens.tokens"))


def _show(typed: Form, *, made: str = "") -> str:
    member, now = staff_member(), datetime.now(UTC)
    sees_all = may_now(KEEP_TOKENS, Thing())
    with runtime().database.reading() as db:
        rows = tokens_of(db, None if sees_all else member.id)
    return render_template(
        "registration/tokens.html",
        form=typed,
        made=made,
        sees_all=sees_all,
        lines=[_line(*row, now) for row in rows],
        actions=[(each.name, each.words) for each in grantable(member)],
    )


def _line(token: AccessToken, owner: StaffMember, now: datetime) -> TokenLine:
    words = [str(ACTIONS[each].words) for each in token.actions or () if each in ACTIONS]
    return TokenLine(
        digest=token.digest,
        name=token.name or _("without a name"),
        owner=owner.name,
        may=words,
        expires=local_moment(token.expires_at),
        is_over=token.expires_at <= now,
        last_used=local_moment(token.last_used_at) if token.last_used_at else "",
    )
