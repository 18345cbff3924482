"""Every use case of the catalogue, for its pages, its API and the command line."""

from services.catalog.editing import (
    bulk_edit,
    create_session,
    create_workshop,
    duplicate_session,
    edit_session,
    edit_workshop,
    set_aside,
    settle_flag,
    take_up,
)
from services.catalog.importing import import_listing
from services.catalog.publishing import cancel_session, change_capacity, publish_session

__all__ = [
    "bulk_edit",
    "cancel_session",
    "change_capacity",
    "create_session",
    "create_workshop",
    "duplicate_session",
    "edit_session",
    "edit_workshop",
    "import_listing",
    "publish_session",
    "set_aside",
    "settle_flag",
    "take_up",
]
