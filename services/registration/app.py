"""Registration, put together: what its web, worker and clock processes start from."""

from services.chassis.service import Service
from services.chassis.token_use import on_token_used
from services.contracts.people import CONTACTS_ERASED, CONTACTS_FOUND, MAIL_ERASED, MAIL_FOUND
from services.contracts.restores import REGISTRATION_REMEMBERED
from services.contracts.sessions import SESSION_CANCELLED, SESSION_CHANGED, SESSION_PUBLISHED
from services.contracts.staff import TOKEN_USED
from services.registration.account_history import HAPPENED
from services.registration.account_pages import account_pages
from services.registration.after_restore import after_restore, on_registration_remembered
from services.registration.api import registrations_api
from services.registration.data_pages import data_pages
from services.registration.digest_pages import digest_pages
from services.registration.discrepancy_pages import discrepancy_pages
from services.registration.due import LOOPS
from services.registration.erasure import erase_here, on_erased
from services.registration.findings import on_found
from services.registration.forgotten_pages import forgotten_pages
from services.registration.group_message_pages import group_message_pages
from services.registration.handlers import on_session
from services.registration.invariants import INVARIANTS
from services.registration.local_people_pages import local_people_pages
from services.registration.mail_handlers import MAIL_HANDLERS
from services.registration.models import Base
from services.registration.openid_pages import openid_pages
from services.registration.pages import member_pages
from services.registration.permissions_pages import permissions_pages
from services.registration.person_data_pages import person_data_pages
from services.registration.person_pages import person_pages
from services.registration.planned_pages import planned_pages
from services.registration.retention import PURGES
from services.registration.roster_pages import roster_pages
from services.registration.roster_recipient_pages import recipient_pages
from services.registration.second_factor_pages import second_factor_pages
from services.registration.sign_in_pages import sign_in_pages
from services.registration.staff_accounts_pages import accounts_pages
from services.registration.staff_pages import staff_pages
from services.registration.task_pages import task_pages
from services.registration.tokens_pages import tokens_pages

SERVICE = Service(
    name="registration",
    metadata=Base.metadata,
    handlers={
        SESSION_PUBLISHED.type: on_session,
        SESSION_CHANGED.type: on_session,
        SESSION_CANCELLED.type: on_session,
        REGISTRATION_REMEMBERED.type: on_registration_remembered,
        TOKEN_USED.type: on_token_used,
        **MAIL_HANDLERS,
        MAIL_FOUND.type: on_found,
        CONTACTS_FOUND.type: on_found,
        MAIL_ERASED.type: on_erased,
        CONTACTS_ERASED.type: on_erased,
    },
    pages=(
        member_pages,
        staff_pages,
        person_pages,
        person_data_pages,
        data_pages,
        sign_in_pages,
        second_factor_pages,
        openid_pages,
        forgotten_pages,
        account_pages,
        roster_pages,
        recipient_pages,
        planned_pages,
        digest_pages,
        task_pages,
        discrepancy_pages,
        group_message_pages,
        accounts_pages,
        permissions_pages,
        local_people_pages,
        tokens_pages,
    ),
    api=(registrations_api,),
    loops=LOOPS,
    purges=PURGES,
    invariants=INVARIANTS,
    after_restore=after_restore,
    acts=HAPPENED,
    eraser=erase_here,
)
