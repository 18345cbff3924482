"""The page that tells staff what each role may do: the policy's own table."""

from flask import Blueprint, render_template

from services.chassis.access import allowed
from services.chassis.policy import ACTIONS, SEE_PERMISSIONS
from services.chassis.rules import REACHES, ROLES

permissions_pages = Blueprint("permissions", __name__, url_prefix="/staff/permissions")


@permissions_pages.get("")
@allowed(SEE_PERMISSIONS)
def permissions() -> str:
    """What each role may do, and how far."""
    return render_template(
        "registration/permissions.html", actions=ACTIONS.values(), reaches=REACHES, roles=ROLES
    )
