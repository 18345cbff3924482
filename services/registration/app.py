"""Registration, put together: what its web, worker and clock processes start from."""

from services.chassis.service import Service
from services.contracts.sessions import SESSION_CANCELLED, SESSION_CHANGED, SESSION_PUBLISHED
from services.registration.api import registrations_api
from services.registration.due import LOOPS
from services.registration.handlers import on_session
from services.registration.models import Base
from services.registration.pages import member_pages
from services.registration.roster_pages import roster_pages
from services.registration.sign_in_pages import sign_in_pages
from services.registration.staff_pages import staff_pages

SERVICE = Service(
    name="registration",
    metadata=Base.metadata,
    handlers={
        SESSION_PUBLISHED.type: on_session,
        SESSION_CHANGED.type: on_session,
        SESSION_CANCELLED.type: on_session,
    },
    pages=(member_pages, staff_pages, sign_in_pages, roster_pages),
    api=(registrations_api,),
    loops=LOOPS,
)
