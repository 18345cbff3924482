"""The gallery: what members and staff read, in both languages, as wide as a phone."""

from flask import Blueprint, Response, abort, render_template

from services.chassis.access import allowed
from services.chassis.i18n import LANGUAGES
from services.chassis.policy import SEE_MAIL_KINDS
from services.chassis.running import runtime
from services.notify.gallery import exhibits, sample_letter
from services.notify.kinds import KINDS
from services.notify.letterhead import letterhead_of
from services.notify.models import Letterhead
from services.notify.opened_mail import framed
from services.notify.wording import kind_text

gallery_pages = Blueprint("gallery", __name__, url_prefix="/staff/mail/gallery")


@gallery_pages.get("")
@allowed(SEE_MAIL_KINDS)
def index() -> str:
    """Every kind of mail, each in a frame of its own."""
    return render_template(
        "notify/gallery.html",
        exhibits=exhibits(runtime().settings, _letterhead()),
        kind_text=kind_text,
        languages=LANGUAGES,
    )


@gallery_pages.get("/<kind>/<any(en, fr):reading>")
@allowed(SEE_MAIL_KINDS)
def html(kind: str, reading: str) -> Response:
    """The HTML part of one of them."""
    if kind not in KINDS:
        abort(404)
    return framed(sample_letter(kind, reading, runtime().settings, _letterhead()).html)


def _letterhead() -> Letterhead:
    with runtime().database.reading() as db:
        return letterhead_of(db)
