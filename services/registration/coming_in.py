"""From a right password to being signed in: what still has to be shown, and where it leads."""

from datetime import datetime

from flask import redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.running import runtime
from services.chassis.sign_ins import SignIn, carry, presented
from services.chassis.staff import StaffMember
from services.registration.account_history import SIGNED_IN, by_account, note_account
from services.registration.browser_names import browser_name
from services.registration.half_way import stop_half_way
from services.registration.known_browser import give_mark
from services.registration.sealing import Seal
from services.registration.second_factor import factor_of, is_needed_by, propose
from services.registration.sign_ins import begin_sign_in, end_sign_in


def seal() -> Seal:
    """What this site's second factors are sealed with."""
    return Seal(runtime().settings)


def come_in(
    member: StaffMember, *, going_to: str, now: datetime, with_both: bool = False
) -> Response:
    """Let a member in, or lead them to what is missing; `with_both` when nothing can be."""
    with runtime().database.writing() as db:
        end_presented(db, now)
        factor = factor_of(db, member, now)
        is_enough = with_both or not (factor.secret or is_needed_by(member.role, now))
        due = None if is_enough else factor.due_at
        if due and factor.secret:
            missing = "second_factor.code"
        elif due and due <= now:
            missing = "second_factor.new"
            propose(db, member, seal(), now)
        else:
            missing = ""
            sign_in = new_sign_in(db, member, now, second_factor_due=due)
    if missing:
        stop_half_way(member, going_to=going_to, now=now)
        return redirect(url_for(missing))
    return let_in(member, sign_in, redirect(own_site(going_to)))


def let_in(member: StaffMember, sign_in: SignIn, answer: Response) -> Response:
    """Send the answer with the cookie of the sign-in, and with the mark of a known browser."""
    carry(sign_in)
    give_mark(answer, member.email)
    return answer


def new_sign_in(
    db: Session, member: StaffMember, now: datetime, *, second_factor_due: datetime | None = None
) -> SignIn:
    """Begin a sign-in in this browser, and write it down."""
    browser = browser_name(request.headers.get("User-Agent", ""))
    due = {"second_factor_due": second_factor_due}
    sign_in = begin_sign_in(db, member, browser=browser, now=now, **due)
    note_account(db, member, SIGNED_IN, by=by_account(member), now=now)
    return sign_in


def end_presented(db: Session, now: datetime) -> None:
    """End the sign-in that this browser has, if any, for every copy of its cookie."""
    sign_in = presented(now)
    if sign_in is not None:
        end_sign_in(db, sign_in.id, staff_id=sign_in.staff_id, now=now)


def own_site(path: str) -> str:
    """Where to go next, never to another site."""
    is_ours = path.startswith(("/staff", "/mailbox"))
    return path if is_ours and "//" not in path and "\\" not in path else "/staff/"
