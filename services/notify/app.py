"""The notify service: its parts, as infra starts them."""

from services.chassis.service import Loop, Service
from services.notify.handlers import HANDLERS
from services.notify.mailbox_pages import mailbox_pages
from services.notify.models import Base
from services.notify.sending import send_next
from services.notify.staff_pages import mail_pages

SERVICE = Service(
    "notify",
    metadata=Base.metadata,
    handlers=HANDLERS,
    pages=[mailbox_pages, mail_pages],
    loops=[Loop("mail", 0.1, send_next, leased=False, threads=2)],
)
