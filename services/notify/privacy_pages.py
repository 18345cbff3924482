"""The privacy notice: what this site keeps, where mail goes, and what everybody may ask for.

It is notify's, for nobody else knows by which way mail leaves.
"""

from urllib.parse import urlsplit

from flask import Blueprint, render_template

from services.chassis.access import allowed
from services.chassis.config import Settings
from services.chassis.kept import RETENTION
from services.chassis.policy import READ_NOTICE
from services.chassis.running import runtime
from services.notify.letterhead import answers_to, letterhead_of

privacy_pages = Blueprint("privacy", __name__)
_EUROPE = "api.eu.sendgrid.com"


@privacy_pages.get("/privacy")
@allowed(READ_NOTICE)
def notice() -> str:
    """What members should know, as it is on this site."""
    settings = runtime().settings
    with runtime().database.reading() as db:
        answers = answers_to(letterhead_of(db))
    return render_template(
        "notify/privacy.html",
        mail_goes=_way_of_mail(settings),
        answers_to=answers.address if answers else "",
        terms={each.kind: each.days for each in RETENTION if each.days is not None},
        months=settings.retention_months,
    )


def _way_of_mail(settings: Settings) -> str:
    """How mail leaves: `folder`, `smtp`, `sendgrid` or `sendgrid_eu`."""
    scheme = urlsplit(settings.mail_url).scheme
    if scheme == "sendgrid":
        is_in_europe = urlsplit(settings.sendgrid_host).hostname == _EUROPE
        return "sendgrid_eu" if is_in_europe else "sendgrid"
    return "folder" if scheme == "folder" else "smtp"
