"""Who may do what: the table of actions, each with how far every role's right to it reaches.

Nothing is allowed that no row allows. `docs/permissions.md` is written from this table.
"""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from services.chassis.rules import (
    ADMIN,
    ANYBODY,
    AUDITOR,
    COORDINATOR,
    FACILITATOR,
    LINK,
    LOCAL_OFFICER,
    STAFF_ROLES,
    Action,
    Reach,
)

ACTIONS: dict[str, Action] = {}
"""Every action by its name, in the order of the table."""


def _action(
    name: str, words: LazyString, rights: Mapping[str, Reach], *, is_recorded: bool = False
) -> Action:
    ACTIONS[name] = Action(name, words, MappingProxyType(rights), is_recorded)
    return ACTIONS[name]


_ANY, _ALL, _AREAS, _RUN = Reach.ANY, Reach.ALL_AREAS, Reach.OWN_AREAS, Reach.OWN_SESSIONS
_AREA_STAFF: dict[str, Reach] = {ADMIN: _ANY, COORDINATOR: _AREAS}
_HEAD_STAFF: dict[str, Reach] = {ADMIN: _ANY, COORDINATOR: _ALL}
_EVERY_STAFF: dict[str, Reach] = dict.fromkeys(STAFF_ROLES, _ANY)
_EVERY_OWN: dict[str, Reach] = dict.fromkeys(STAFF_ROLES, Reach.OWN)

# Everybody, and whoever holds a link from a mail.
READ_CALENDAR = _action("read_calendar", _("Read the calendar"), {ANYBODY: _ANY})
READ_NOTICE = _action("read_notice", _("Read the privacy notice"), {ANYBODY: _ANY})
SEE_HEALTH = _action("see_health", _("Ask whether the site is well"), {ANYBODY: _ANY})
SIGN_UP = _action("sign_up", _("Sign up for a workshop"), {ANYBODY: _ANY})
SIGN_IN = _action("sign_in", _("Sign in and out"), {ANYBODY: _ANY})
CHOOSE_PASSWORD = _action(
    "choose_password", _("Choose a new password for one’s own account"), {LINK: Reach.OWN}
)
KEEP_OWN_PLACE = _action("keep_own_place", _("See and change one’s own place"), {LINK: Reach.OWN})
KEEP_OWN_DATA = _action("keep_own_data", _("See or erase one’s own data"), {LINK: Reach.OWN})
READ_ROSTER_BY_LINK = _action(
    "read_roster_by_link",
    _("Read a roster by the link from its mail"),
    {LINK: Reach.OWN},
    is_recorded=True,
)
END_ANNOUNCEMENTS = _action(
    "end_announcements", _("Say that one wants no more announcements"), {LINK: Reach.OWN}
)
REPORT_MAIL = _action("report_mail", _("Report what became of mail"), {LINK: Reach.OWN})

KEEP_OWN_ACCOUNT = _action("keep_own_account", _("See and change one’s own account"), _EVERY_OWN)

# Sessions and the people in them.
SEE_SESSIONS = _action(
    "see_sessions",
    _("See sessions with their numbers, planned mail and history"),
    _AREA_STAFF | {FACILITATOR: _RUN, AUDITOR: _ANY},
)
SEE_PEOPLE = _action(
    "see_people",
    _("See who is in a session, with local, role and state"),
    _AREA_STAFF | {FACILITATOR: _RUN},
    is_recorded=True,
)
SEE_CONTACTS = _action(
    "see_contacts",
    _("See addresses, reasons and notes beside the names"),
    _AREA_STAFF,
    is_recorded=True,
)
SEE_NEEDS = _action(
    "see_needs",
    _("See who needs what to take part"),
    _AREA_STAFF,
    is_recorded=True,
)
GET_ROSTER = _action(
    "get_roster", _("Download a roster"), _AREA_STAFF | {FACILITATOR: _RUN}, is_recorded=True
)
MAIL_ROSTER = _action(
    "mail_roster", _("Have a roster mailed to those who get it"), _AREA_STAFF | {FACILITATOR: _RUN}
)
SEE_RECIPIENTS = _action(
    "see_recipients", _("See who gets the rosters"), _AREA_STAFF | {FACILITATOR: _RUN}
)
CHOOSE_RECIPIENTS = _action("choose_recipients", _("Choose who gets the rosters"), _AREA_STAFF)
PLAN_MAIL = _action("plan_mail", _("Switch planned mail on and off, and move it"), _AREA_STAFF)
SEE_PERSON = _action("see_person", _("Open one person’s place"), _AREA_STAFF, is_recorded=True)
EXPORT_PERSON = _action(
    "export_person", _("See all of a person’s data"), {ADMIN: _ANY}, is_recorded=True
)
ERASE_PERSON = _action("erase_person", _("Erase a person"), {ADMIN: _ANY}, is_recorded=True)
ACT_ON_PLACE = _action("act_on_place", _("Confirm, offer, move, hold back, cancel"), _AREA_STAFF)
CORRECT_ADDRESS = _action("correct_address", _("Correct an address"), _AREA_STAFF)
NOTE_ATTENDANCE = _action("note_attendance", _("Note who did not come"), _AREA_STAFF)
SETTLE_TASKS = _action("settle_tasks", _("See and settle tasks"), _AREA_STAFF, is_recorded=True)
WRITE_TO_GROUP = _action("write_to_group", _("Write to a group"), _AREA_STAFF)
GET_DIGEST = _action("get_digest", _("Get the digest of changes"), _AREA_STAFF)
SEE_LOCALS = _action(
    "see_locals", _("See the directory of locals"), {ADMIN: _ANY, COORDINATOR: _ANY, AUDITOR: _ANY}
)
KEEP_LOCALS = _action("keep_locals", _("Add and change locals"), _AREA_STAFF)
CHOOSE_PREFERENCES = _action(
    "choose_preferences", _("Choose how the site answers and what goes with rosters"), {ADMIN: _ANY}
)

SEE_LOCAL_PEOPLE = _action(
    "see_local_people",
    _("See who of a local has signed up, without addresses and needs"),
    _AREA_STAFF | {LOCAL_OFFICER: Reach.OWN_LOCAL},
    is_recorded=True,
)
EXPORT_LOCAL_PEOPLE = _action(
    "export_local_people",
    _("Download who of a local has signed up"),
    _AREA_STAFF | {LOCAL_OFFICER: Reach.OWN_LOCAL},
    is_recorded=True,
)

# Workshops and their dates.
SEE_WORKSHOPS = _action(
    "see_workshops", _("See workshops and drafts"), _AREA_STAFF | {AUDITOR: _ANY}
)
EDIT_WORKSHOPS = _action("edit_workshops", _("Add workshops and change their texts"), _AREA_STAFF)
EDIT_SESSIONS = _action("edit_sessions", _("Add sessions and change them"), _AREA_STAFF)
PUBLISH_SESSIONS = _action("publish_sessions", _("Publish sessions"), _AREA_STAFF)
CANCEL_SESSIONS = _action("cancel_sessions", _("Cancel sessions"), _AREA_STAFF)
IMPORT_LISTING = _action("import_listing", _("Import a listing"), _HEAD_STAFF)

# Mail.
SEE_MAIL_NUMBERS = _action(
    "see_mail_numbers", _("See how much mail is in which state"), _AREA_STAFF | {AUDITOR: _ANY}
)
SEE_MAIL = _action("see_mail", _("Find and read mail that was sent"), _AREA_STAFF, is_recorded=True)
SEND_MAIL_AGAIN = _action("send_mail_again", _("Send mail again or a copy of it"), _AREA_STAFF)
DECIDE_HELD_MAIL = _action(
    "decide_held_mail",
    _("See held mail, and decide whether it goes out"),
    _HEAD_STAFF,
    is_recorded=True,
)
SEE_MAILBOX = _action(
    "see_mailbox", _("Read every message in the mailbox"), _HEAD_STAFF, is_recorded=True
)
STOP_MAIL = _action(
    "stop_mail", _("See and choose the addresses that get no mail"), _HEAD_STAFF, is_recorded=True
)
SEE_MAIL_KINDS = _action(
    "see_mail_kinds",
    _("See samples of every kind of message"),
    {ADMIN: _ANY, COORDINATOR: _ANY, AUDITOR: _ANY},
)
SEE_LETTERHEAD = _action("see_letterhead", _("See the letterhead"), {ADMIN: _ANY, AUDITOR: _ANY})
CHOOSE_LETTERHEAD = _action("choose_letterhead", _("Choose the letterhead"), {ADMIN: _ANY})

# The site itself.
SEE_AUDIT = _action(
    "see_audit", _("Read the audit log"), {ADMIN: _ANY, AUDITOR: _ANY}, is_recorded=True
)
SEE_DISCREPANCIES = _action(
    "see_discrepancies",
    _("See what the nightly check found"),
    {ADMIN: _ANY, COORDINATOR: _ANY},
)
START = _action("start", _("See one’s own first page"), _EVERY_STAFF)
SEE_PERMISSIONS = _action("see_permissions", _("See what each role may do"), _EVERY_STAFF)
SEE_ACCOUNTS = _action(
    "see_accounts", _("See which accounts have which role"), {ADMIN: _ANY, AUDITOR: _ANY}
)
SEE_ACCOUNT_NAMES = _action("see_account_names", _("See whose accounts they are"), {ADMIN: _ANY})
KEEP_TOKENS = _action(
    "keep_tokens", _("Make, see and revoke access tokens"), _EVERY_OWN | {ADMIN: _ANY}
)
KEEP_ACCOUNTS = _action("keep_accounts", _("Add, change and close accounts"), {ADMIN: _ANY})
MEND_EVENTS = _action("mend_events", _("See and replay what could not be handled"), _HEAD_STAFF)
