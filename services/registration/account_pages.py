"""One's own account: second factor, password, where one is signed in, and what was changed."""

from datetime import UTC, datetime
from uuid import UUID

import flask
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.db import locked
from services.chassis.forms import Form, read_form
from services.chassis.policy import KEEP_OWN_ACCOUNT
from services.chassis.running import runtime
from services.chassis.sign_ins import carry, presented
from services.chassis.staff import StaffMember, staff_member
from services.registration.account_history import (
    ALL_ENDED,
    HAPPENED,
    PASSWORD_CHANGED,
    account_history,
    by_account,
    note_account,
)
from services.registration.choosing_password import is_fit, weak_words
from services.registration.coming_in import new_sign_in, seal
from services.registration.known_browser import mark_for
from services.registration.passwords import is_password_of, keep_password
from services.registration.schemas import NewPasswordInput, PasswordAgainInput
from services.registration.second_factor import count_codes, factor_of, propose, renew_codes
from services.registration.second_factor_pages import show_codes
from services.registration.sign_in_delay import begin_try, counter_of_account, end_pause
from services.registration.sign_in_pages import pause_words
from services.registration.sign_ins import end_all_sign_ins, end_sign_in, sign_ins_of
from services.registration.wording import local_moment

account_pages = Blueprint("account", __name__, url_prefix="/staff/account")


@account_pages.get("")
@allowed(KEEP_OWN_ACCOUNT)
def own() -> str:
    """The account of whoever is signed in."""
    return _show()


@account_pages.post("/password")
@allowed(KEEP_OWN_ACCOUNT)
def change_password() -> Response | tuple[str, int]:
    """Take a new password; every other sign-in ends."""
    typed, data = read_form(NewPasswordInput())
    member = staff_member()
    if data is None or not _knows_password(member, data["password"], typed):
        return _show("password", typed), 422
    if not is_fit(typed, data, member):
        return _show("password", typed), 422
    _keep_new_password(member.id, data["new_password"])
    flash(_("Your password is changed. You are signed out everywhere else."), "success")
    return redirect(url_for("account.own"))


@account_pages.post("/sign-ins/<uuid:sign_in_id>/end")
@allowed(KEEP_OWN_ACCOUNT)
def end_one(sign_in_id: UUID) -> Response:
    """End one of one's own sign-ins."""
    with runtime().database.writing() as db:
        if not end_sign_in(db, sign_in_id, staff_id=staff_member().id, now=datetime.now(UTC)):
            abort(404)
    flash(_("That sign-in has ended."), "success")
    return redirect(url_for("account.own"))


@account_pages.post("/sign-ins/end")
@allowed(KEEP_OWN_ACCOUNT)
def end_all() -> Response:
    """End all of them, this one included."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        member = _to_change(db, staff_member().id)
        end_all_sign_ins(db, member, now)
        note_account(db, member, ALL_ENDED, by=by_account(member), now=now)
    flask.session.clear()
    flash(_("You are signed out everywhere."), "success")
    return redirect(url_for("sign_in.form"))


@account_pages.post("/second-factor")
@allowed(KEEP_OWN_ACCOUNT)
def set_up() -> Response | tuple[str, int]:
    """Begin to set up an app, the first one or another."""
    typed, data = read_form(PasswordAgainInput())
    if data is None or not _knows_password(staff_member(), data["password"], typed):
        return _show("second_factor", typed), 422
    with runtime().database.writing() as db:
        propose(db, staff_member(), seal(), datetime.now(UTC))
    return redirect(url_for("second_factor.new"))


@account_pages.post("/recovery-codes")
@allowed(KEEP_OWN_ACCOUNT)
def new_codes() -> str | tuple[str, int]:
    """Make the recovery codes anew, and show them once."""
    typed, data = read_form(PasswordAgainInput())
    if data is None or not _knows_password(staff_member(), data["password"], typed):
        return _show("codes", typed), 422
    with runtime().database.writing() as db:
        codes = renew_codes(db, staff_member(), datetime.now(UTC))
    return show_codes(codes, going_to=url_for("account.own"))


def _knows_password(member: StaffMember, password: str, typed: Form) -> bool:
    """Whether it is the present password; guessing at it here is slowed as at the sign-in."""
    counter = counter_of_account(runtime().settings, member.email, mark_for(member.email))
    with runtime().database.writing() as db:
        pause = begin_try(db, [counter], datetime.now(UTC))
    if pause:
        typed.refuse("password", pause_words(pause))
        return False
    with runtime().database.reading() as db:
        is_right = is_password_of(db, member, password)
    if not is_right:
        typed.refuse("password", _("This is not your present password."))
        return False
    with runtime().database.writing() as db:
        end_pause(db, [counter])
    return True


def _keep_new_password(staff_id: UUID, password: str) -> None:
    now = datetime.now(UTC)
    before = presented(now)
    with runtime().database.writing() as db:
        member = _to_change(db, staff_id)
        keep_password(db, member, password)
        end_all_sign_ins(db, member, now)
        due = before.second_factor_due if before else None
        sign_in = new_sign_in(db, member, now, second_factor_due=due)
        note_account(db, member, PASSWORD_CHANGED, by=by_account(member), now=now)
    carry(sign_in)


def _to_change(db: Session, staff_id: UUID) -> StaffMember:
    member = locked(db, StaffMember, staff_id)
    if member is None:
        abort(404)
    return member


def _show(refused: str = "", typed: Form | None = None) -> str:
    """The page; `refused` names the form that has something wrong with it."""
    member, now = staff_member(), datetime.now(UTC)
    for name in ("password", "new_password", "repeated"):
        if typed is not None:
            typed.values.pop(name, None)
    with runtime().database.writing() as db:
        factor = factor_of(db, member, now)
        sign_ins, entries = sign_ins_of(db, member, now), account_history(db, member)
        left = count_codes(db, member.id)
    here = presented(now)
    return render_template(
        "registration/account.html",
        member=member,
        weak_words=weak_words,
        forms={refused: typed} if refused else {},
        form=typed or Form(),
        since=local_moment(factor.since) if factor.since else "",
        left=left,
        sign_ins=[
            (each, local_moment(each.began_at), local_moment(each.seen_at)) for each in sign_ins
        ],
        here=here.id if here else None,
        history=[
            {
                "when": local_moment(each.at),
                "datetime": each.at.isoformat(),
                "what": HAPPENED.get(each.action, each.action),
                "by": each.actor,
            }
            for each in entries
        ],
    )
