"""The notify service: its parts, as infra starts them."""

from services.chassis.service import Loop, Service
from services.notify.after_restore import after_restore
from services.notify.erasure import erase_mail
from services.notify.gallery_pages import gallery_pages
from services.notify.handlers import HANDLERS
from services.notify.held_pages import held_pages
from services.notify.hooks_pages import hooks_pages
from services.notify.invariants import INVARIANTS
from services.notify.letterhead_pages import letterhead_pages
from services.notify.log_pages import log_pages
from services.notify.mailbox_pages import mailbox_pages
from services.notify.message_pages import message_pages
from services.notify.models import Base
from services.notify.privacy_pages import privacy_pages
from services.notify.queries import is_late
from services.notify.retention import PURGES
from services.notify.sending import send_due
from services.notify.staff_pages import mail_pages
from services.notify.suppression_pages import suppression_pages
from services.notify.unsubscribe_pages import one_click_pages, unsubscribe_pages

SERVICE = Service(
    "notify",
    metadata=Base.metadata,
    handlers=HANDLERS,
    hooks=[one_click_pages],
    api=[hooks_pages],
    pages=[
        suppression_pages,
        privacy_pages,
        gallery_pages,
        letterhead_pages,
        mailbox_pages,
        mail_pages,
        log_pages,
        held_pages,
        message_pages,
        unsubscribe_pages,
    ],
    loops=[Loop("mail", 0.1, send_due, leased=False)],
    purges=PURGES,
    invariants=INVARIANTS,
    is_late=is_late,
    after_restore=after_restore,
    eraser=erase_mail,
)
