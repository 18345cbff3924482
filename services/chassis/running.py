"""The runtime of the service that answers the present request."""

from flask import current_app

from services.chassis.links import Links
from services.chassis.service import Runtime

EXTENSION = "turnout"


def runtime() -> Runtime:
    """Settings, database and parts of the service at work."""
    found: Runtime = current_app.extensions[EXTENSION]
    return found


def links() -> Links:
    """The links of capability of this site."""
    return Links(runtime().settings)
