"""The administrators' pages of staff accounts: who there is, with which role, areas and local."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from marshmallow import fields
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed, sees
from services.chassis.db import locked
from services.chassis.fields import Choice, Email, Input, Text
from services.chassis.forms import Form, read_form
from services.chassis.policy import KEEP_ACCOUNTS, SEE_ACCOUNT_NAMES, SEE_ACCOUNTS
from services.chassis.rules import STAFF_ROLES
from services.chassis.running import runtime
from services.chassis.staff import StaffMember, staff_member
from services.contracts.shapes import LANGUAGES
from services.registration.account_changes import activate, change_role, deactivate
from services.registration.account_history import by_account
from services.registration.accounts import AccountRefused, Remit, add_staff, areas_in_use
from services.registration.directory import find_organisation
from services.registration.models import Organisation
from services.registration.queries import organisations
from services.registration.schemas import LONGEST_PASSWORD
from services.registration.second_factor import has_factor, reset_factor

accounts_pages = Blueprint("accounts", __name__, url_prefix="/staff/accounts")
Answer = Response | tuple[str, int]

_REFUSED_AT = {
    "weak_password": "password",
    "address_taken": "email",
    "unknown_area": "areas",
    "needs_local": "local",
}
REFUSALS = {
    "weak_password": lazy_gettext("This password is too short or too common."),
    "address_taken": lazy_gettext("Somebody with this address has an account already."),
    "unknown_area": lazy_gettext("No local and no session is in this area."),
    "needs_local": lazy_gettext("A local officer needs a local. Please choose it from the list."),
    "own_role": lazy_gettext("You cannot change your own role. Ask another administrator."),
    "last_admin": lazy_gettext("This is the last administrator. Make another one first."),
}


class RoleInput(Input):
    """A role with what it is limited to."""

    role = Choice(list(STAFF_ROLES), required=True)
    areas = fields.List(Text(100), load_default=list)
    local = Text(250, load_default="")


class NewAccountInput(RoleInput):
    """A new account."""

    name = Text(200, required=True)
    email = Email(required=True)
    language = Choice(LANGUAGES, required=True)
    password = Text(LONGEST_PASSWORD, required=True)


@accounts_pages.get("")
@allowed(SEE_ACCOUNTS)
def accounts() -> str:
    """Every account; whoever may not know the names sees the rest."""
    return _show(Form(values={"language": "en"}))


@accounts_pages.post("")
@allowed(KEEP_ACCOUNTS)
def add() -> Answer:
    """Add an account; its owner gets the password from whoever adds it."""
    typed, data = read_form(NewAccountInput())
    if data is None:
        return _show(typed), 422
    try:
        with runtime().database.writing() as db:
            remit = _remit(db, data)
            add_staff(db, **data, remit=remit, now=datetime.now(UTC))
    except AccountRefused as problem:
        typed.refuse(_REFUSED_AT.get(problem.reason, "role"), str(REFUSALS[problem.reason]))
        return _show(typed), 422
    flash(_("%(name)s can sign in now.", name=data["name"]), "success")
    return redirect(url_for("accounts.accounts"))


@accounts_pages.get("/<uuid:staff_id>")
@allowed(KEEP_ACCOUNTS)
def account(staff_id: UUID) -> str:
    """One account, to be changed."""
    return _show_one(staff_id, None)


@accounts_pages.post("/<uuid:staff_id>")
@allowed(KEEP_ACCOUNTS)
def change(staff_id: UUID) -> Answer:
    """Give it another role, areas or local."""
    typed, data = read_form(RoleInput())
    if data is None:
        return _show_one(staff_id, typed), 422
    by, now = staff_member().id, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            remit = _remit(db, data)
            change_role(db, staff_id, data["role"], remit, by=by, now=now)
    except AccountRefused as problem:
        if problem.reason not in REFUSALS:
            abort(404)
        typed.refuse(_REFUSED_AT.get(problem.reason, "role"), str(REFUSALS[problem.reason]))
        return _show_one(staff_id, typed), 409
    flash(_("Saved."), "success")
    return redirect(url_for("accounts.accounts"))


@accounts_pages.post("/<uuid:staff_id>/deactivate")
@allowed(KEEP_ACCOUNTS)
def close(staff_id: UUID) -> Response:
    """Sign it out everywhere, and let nobody sign in with it."""
    command = partial(deactivate, by=staff_member().id)
    return _switch(staff_id, command, _("The account is closed and signed out everywhere."))


@accounts_pages.post("/<uuid:staff_id>/activate")
@allowed(KEEP_ACCOUNTS)
def reopen(staff_id: UUID) -> Response:
    """Let its owner sign in again."""
    return _switch(staff_id, activate, _("The account can be used again."))


@accounts_pages.post("/<uuid:staff_id>/reset-second-factor")
@allowed(KEEP_ACCOUNTS)
def reset_second_factor(staff_id: UUID) -> Response:
    """Let its owner, who has lost app and recovery codes, set up the second step anew."""
    by = by_account(staff_member())
    with runtime().database.writing() as db:
        member = locked(db, StaffMember, staff_id)
        if member is None:
            abort(404)
        reset_factor(db, member, by=by, now=datetime.now(UTC))
    flash(_("The next sign-in sets up the second step anew."), "success")
    return redirect(url_for("accounts.account", staff_id=staff_id))


def _switch(staff_id: UUID, command: Callable[..., StaffMember], done: str) -> Response:
    try:
        with runtime().database.writing() as db:
            command(db, staff_id, now=datetime.now(UTC))
    except AccountRefused as problem:
        if problem.reason not in REFUSALS:
            abort(404)
        flash(str(REFUSALS[problem.reason]), "error")
    else:
        flash(done, "success")
    return redirect(url_for("accounts.account", staff_id=staff_id))


def _remit(db: Session, data: dict[str, Any]) -> Remit:
    """What the form says of areas and local, taken out of its data."""
    typed = data.pop("local")
    found = find_organisation(db, typed).sure if typed else None
    return Remit(data.pop("areas"), found.id if found else None)


def _show(typed: Form) -> str:
    typed.values.pop("password", None)
    with runtime().database.reading() as db:
        members = db.scalars(sa.select(StaffMember).order_by(StaffMember.name)).all()
        choices, labels = _choices(db), _labels(db)
    return render_template(
        "registration/accounts.html",
        form=typed,
        members=members,
        labels=labels,
        with_names=sees(SEE_ACCOUNT_NAMES),
        **choices,
    )


def _show_one(staff_id: UUID, typed: Form | None) -> str:
    with runtime().database.reading() as db:
        member = db.get(StaffMember, staff_id)
        choices, labels = _choices(db), _labels(db)
        is_set_up = has_factor(db, staff_id)
    if member is None:
        abort(404)
    local = labels.get(member.organisation_id, "")
    values = {"role": member.role, "areas": member.areas, "local": local}
    form = typed or Form(values=values)
    return render_template(
        "registration/staff_account.html",
        form=form,
        member=member,
        has_factor=is_set_up,
        **choices,
    )


def _choices(db: Session) -> dict[str, Any]:
    return {
        "roles": list(STAFF_ROLES.items()),
        "role_names": STAFF_ROLES,
        "areas": [(each, each) for each in areas_in_use(db)],
        "locals": [each.label for each in organisations(db)],
    }


def _labels(db: Session) -> dict[UUID | None, str]:
    """The locals of local officers."""
    of_officers = sa.select(StaffMember.organisation_id)
    query = sa.select(Organisation).where(Organisation.id.in_(of_officers))
    return {each.id: each.label for each in db.scalars(query)}
