"""The page of the letterhead: how all mail is signed, with a preview of what is typed there."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from services.chassis.access import allowed
from services.chassis.forms import Form, read_form
from services.chassis.policy import CHOOSE_LETTERHEAD, SEE_LETTERHEAD
from services.chassis.running import runtime
from services.notify.gallery import sample_letter
from services.notify.letterhead import choose_letterhead, letterhead_of, letterhead_with
from services.notify.letterhead_form import LONGEST_SIGNATURE, LetterheadInput, letterhead_values
from services.notify.message import LONGEST_NAME
from services.notify.models import Letterhead
from services.notify.opened_mail import framed

letterhead_pages = Blueprint("letterhead", __name__, url_prefix="/staff/mail/letterhead")


@letterhead_pages.get("")
@allowed(SEE_LETTERHEAD)
def form() -> str:
    """The letterhead as it is."""
    return _show(Form(values=letterhead_values(_present())))


@letterhead_pages.post("")
@allowed(CHOOSE_LETTERHEAD)
def save() -> AnyResponse | tuple[str, int]:
    """Have mail look so from now on."""
    typed, data = read_form(LetterheadInput())
    if data is None:
        return _show(typed), 422
    with runtime().database.writing() as db:
        choose_letterhead(db, data)
    flash(_("From now on, messages look and are signed like this."), "success")
    return redirect(url_for("letterhead.form"))


@letterhead_pages.get("/<any(en, fr):reading>")
@allowed(SEE_LETTERHEAD)
def preview(reading: str) -> Response:
    """A mail with the letterhead as it is."""
    return _sample(reading, _present())


@letterhead_pages.post("/<any(en, fr):reading>")
@allowed(CHOOSE_LETTERHEAD)
def preview_typed(reading: str) -> Response:
    """A mail with what is typed in the form, which stays unsaved; or what is wrong with it."""
    typed, data = read_form(LetterheadInput())
    if data is None:
        complaints = "\n".join(text for texts in typed.errors.values() for text in texts)
        return Response(complaints, 422, content_type="text/plain; charset=utf-8")
    return _sample(reading, letterhead_with(**data))


def _present() -> Letterhead:
    with runtime().database.reading() as db:
        return letterhead_of(db)


def _sample(reading: str, letterhead: Letterhead) -> Response:
    letter = sample_letter("confirmed", reading, runtime().settings, letterhead)
    return framed(letter.html)


def _show(typed: Form) -> str:
    return render_template(
        "notify/letterhead.html",
        form=typed,
        longest_name=LONGEST_NAME,
        longest_signature=LONGEST_SIGNATURE,
    )
