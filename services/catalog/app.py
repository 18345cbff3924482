"""The catalogue as a service: its tables, its pages, its API and what it listens to."""

from services.catalog.api import api
from services.catalog.handlers import HANDLERS
from services.catalog.import_pages import pages as import_pages
from services.catalog.invariants import INVARIANTS
from services.catalog.models import Base
from services.catalog.pages import pages
from services.catalog.people import erase_contacts
from services.catalog.session_pages import pages as session_pages
from services.catalog.staff_pages import pages as staff_pages
from services.chassis.service import Service

SERVICE = Service(
    "catalog",
    metadata=Base.metadata,
    handlers=HANDLERS,
    pages=[pages, staff_pages, session_pages, import_pages],
    api=api,
    invariants=INVARIANTS,
    eraser=erase_contacts,
)
