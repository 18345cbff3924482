"""The second factor's pages: the code at sign-in, setting up an app, the recovery codes."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import pyotp
from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.db import locked
from services.chassis.forms import Form, read_form
from services.chassis.log import logger
from services.chassis.policy import SIGN_IN
from services.chassis.running import runtime
from services.chassis.sign_ins import carry
from services.chassis.staff import StaffMember, current_staff
from services.registration.coming_in import let_in, new_sign_in, own_site, seal
from services.registration.half_way import half_way
from services.registration.known_browser import give_mark
from services.registration.schemas import CodeInput, RecoveryCodeInput
from services.registration.second_factor import (
    confirm,
    factor_of,
    proposed,
    take_code,
    take_recovery_code,
)
from services.registration.sign_in_delay import begin_try, counter_of_codes, end_pause
from services.registration.sign_in_pages import pause_words

second_factor_pages = Blueprint("second_factor", __name__, url_prefix="/staff/sign-in")
_ISSUER = "Turnout"

log = logger(__name__)


@second_factor_pages.get("/code")
@allowed(SIGN_IN)
def code() -> str | Response:
    """Ask for the code that the app shows."""
    return _ask(Form()) if half_way(datetime.now(UTC)) else _from_the_start()


@second_factor_pages.post("/code")
@allowed(SIGN_IN)
def code_sent() -> Response | tuple[str, int]:
    """Take the app's code."""
    typed, data = read_form(CodeInput())
    if data is None:
        return _ask(typed), 422

    def is_right(db: Session, member: StaffMember, now: datetime) -> bool:
        return take_code(db, member, data["code"], seal(), now)

    wrong = _("This is not the code that your app shows now. Each code is good once.")
    return _try(typed, "code", is_right, wrong)


@second_factor_pages.post("/recovery-code")
@allowed(SIGN_IN)
def recovery_code_sent() -> Response | tuple[str, int]:
    """Take a recovery code in place of the app's."""
    typed, data = read_form(RecoveryCodeInput())
    if data is None:
        return _ask(typed), 422

    def is_right(db: Session, member: StaffMember, now: datetime) -> bool:
        return take_recovery_code(db, member, data["recovery_code"], now)

    return _try(
        typed, "recovery_code", is_right, _("This is not one of your recovery codes, or was used.")
    )


@second_factor_pages.get("/second-factor")
@allowed(SIGN_IN)
def new() -> str | Response:
    """The secret for the app, as a picture and as text, until a code has confirmed it."""
    staff_id, now = _signed_in(), datetime.now(UTC)
    with runtime().database.writing() as db:
        member = _setting_up(db, staff_id, now)
        secret = proposed(db, member.id, seal()) if member else ""
    if member is None:
        return _from_the_start()
    if not secret:
        return redirect(url_for("account.own"))
    return _show_secret(member, secret, Form())


@second_factor_pages.post("/second-factor")
@allowed(SIGN_IN)
def confirmed() -> str | Response | tuple[str, int]:
    """The app's first code; whoever sends it is signed in, here and nowhere else."""
    typed, data = read_form(CodeInput())
    staff_id, now = _signed_in(), datetime.now(UTC)
    waiting = half_way(now)
    with runtime().database.writing() as db:
        member = _setting_up(db, staff_id, now)
        secret = proposed(db, member.id, seal()) if member else ""
        codes = confirm(db, member, data["code"], seal(), now) if member and data else None
        sign_in = new_sign_in(db, member, now) if member and codes else None
    if member is None or not secret:
        return _from_the_start()
    if sign_in is None or codes is None:
        if data is not None:
            typed.refuse("code", _("This is not the code that your app shows now."))
        return _show_secret(member, secret, typed), 422
    carry(sign_in)  # Before the page, which says what is true of whoever is signed in now.
    going_to = own_site(waiting.next) if waiting else url_for("account.own")
    answer = make_response(show_codes(codes, going_to=going_to))
    give_mark(answer, member.email)
    return answer


def show_codes(codes: list[str], *, going_to: str) -> str:
    """The recovery codes, this once."""
    return render_template("registration/recovery_codes.html", codes=codes, going_to=going_to)


def _try(
    typed: Form, field: str, is_right: Callable[[Session, StaffMember, datetime], bool], wrong: str
) -> Response | tuple[str, int]:
    """Judge a code of somebody half-way in, and let them in when it is right."""
    now = datetime.now(UTC)
    waiting = half_way(now)
    if waiting is None:
        return _from_the_start()
    counter = counter_of_codes(runtime().settings, waiting.staff_id)
    with runtime().database.writing() as db:
        pause = begin_try(db, [counter], now)
    if pause:
        typed.refuse(field, pause_words(pause))
        return _ask(typed), 429
    with runtime().database.writing() as db:
        member = waiting.member(db)
        if member is None:
            return _from_the_start()
        sign_in = new_sign_in(db, member, now) if is_right(db, member, now) else None
        if sign_in is not None:
            end_pause(db, [counter])
    if sign_in is None:
        log.warning("sign-in refused", reason="wrong code")
        typed.refuse(field, wrong)
        return _ask(typed), 422
    return let_in(member, sign_in, redirect(own_site(waiting.next)))


def _signed_in() -> UUID | None:
    member = current_staff()
    return member.id if member else None


def _setting_up(db: Session, staff_id: UUID | None, now: datetime) -> StaffMember | None:
    """Who may see a new secret: somebody signed in, or half-way in without a second factor yet."""
    waiting = half_way(now)
    if waiting is None:
        return locked(db, StaffMember, staff_id) if staff_id else None
    member = waiting.member(db)
    has_one = member is not None and factor_of(db, member, now).secret
    return None if has_one else member


def _from_the_start() -> Response:
    flash(_("That took too long, or was changed meanwhile. Please sign in again."), "warning")
    return redirect(url_for("sign_in.form"))


def _ask(typed: Form) -> str:
    for name in ("code", "recovery_code"):
        typed.values.pop(name, None)
    return render_template("registration/sign_in_code.html", form=typed)


def _show_secret(member: StaffMember, secret: str, typed: Form) -> str:
    import segno  # noqa: PLC0415 - each member of staff needs it once.

    typed.values.pop("code", None)
    host = urlsplit(runtime().settings.base_url).hostname
    address = pyotp.TOTP(secret).provisioning_uri(
        name=member.email, issuer_name=f"{_ISSUER} ({host})"
    )
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template(
        "registration/second_factor.html",
        form=typed,
        picture=segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="white"),
        secret=groups,
        email=member.email,
    )
