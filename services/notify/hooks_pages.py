"""Where mail providers report what became of a mail, each report signed."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import abort, request
from flask_smorest import Blueprint

from services.chassis.access import allowed
from services.chassis.api import A_PROBLEM
from services.chassis.log import logger
from services.chassis.policy import REPORT_MAIL
from services.chassis.running import runtime
from services.chassis.signatures import is_genuine, public_key
from services.notify.reports import receive_reports
from services.notify.sendgrid_reports import NotReports, read_reports

LARGEST_BATCH = 1024 * 1024
SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
SENT_AT = "X-Twilio-Email-Event-Webhook-Timestamp"

log = logger(__name__)
hooks_pages = Blueprint("hooks", __name__, url_prefix="/hooks")
_public_key = cache(public_key)


REPORTS = {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
SIGNED: list[dict[str, Any]] = [
    {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
    for name in (SIGNATURE, SENT_AT)
]


@hooks_pages.post("/sendgrid")
@allowed(REPORT_MAIL)
@hooks_pages.doc(requestBody={"content": REPORTS, "required": True}, parameters=SIGNED)
@hooks_pages.alt_response(204, description="The reports are taken.", success=True)
@hooks_pages.alt_response(400, description="These are no reports.", **A_PROBLEM)
@hooks_pages.alt_response(403, description="The signature is not genuine.", **A_PROBLEM)
@hooks_pages.alt_response(404, description="No key is set, so none are taken.", **A_PROBLEM)
def sendgrid() -> tuple[str, int]:
    """Take one batch of SendGrid's Event Webhook; it sends again what we do not answer with 2xx."""
    now = datetime.now(UTC)
    body = _genuine_body(now)
    try:
        reports = read_reports(body, now)
    except NotReports:
        abort(400)
    tally = receive_reports(runtime().database, reports, now)
    log.info("mail reported", reports=len(reports), **tally)
    return "", 204


def _genuine_body(now: datetime) -> bytes:
    """The raw body, signed with the key that is set; without a key there is no such page."""
    key = runtime().settings.sendgrid_webhook_key
    if not key:
        abort(404)
    request.max_content_length = LARGEST_BATCH
    body = request.get_data(cache=False)
    signature, sent_at = request.headers.get(SIGNATURE, ""), request.headers.get(SENT_AT, "")
    if not is_genuine(_public_key(key), signature=signature, sent_at=sent_at, body=body, now=now):
        log.warning("mail report refused")
        abort(403)
    return body
