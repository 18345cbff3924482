"""Mail of the version before the log, once the database has been brought up to date."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from services.chassis.ids import new_id
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, start
from services.notify.app import SERVICE
from services.notify.mail_log import LogFilter, found_mail
from services.notify.models import Delivery
from tests.databases import settings_for
from tests.notify.factories import NOW, a_session


def test_old_mail_is_found_by_person_and_session(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server = request.getfixturevalue("postgres") if dialect == "postgresql" else None
    url = server.url(server.create()) if server else f"sqlite:///{tmp_path / 'old.sqlite3'}"
    runtime = start(SERVICE, settings_for(tmp_path, TURNOUT_NOTIFY_DATABASE_URL=url))
    upgrade(runtime, "0001")
    insert_as_it_was(runtime, recipient_name="Émilie Bélanger", recipient_email="e@example.org")
    upgrade(runtime)
    with runtime.database.reading() as db:
        found = {
            words: found_mail(db, LogFilter(text=words), 1)[1]
            for words in ("belanger", "E@EXAMPLE", "formation", "zzyzx")
        }
    runtime.database.dispose()
    assert found == {"belanger": 1, "E@EXAMPLE": 1, "formation": 1, "zzyzx": 0}


def insert_as_it_was(runtime: Runtime, **facts: str) -> None:
    values = {
        **dict.fromkeys(("id", "event_id", "subject_id", "session_id"), new_id()),
        **dict.fromkeys(("event_time", "due_at", "give_up_at", "created_at"), NOW),
        **dict.fromkeys(("correlation_id", "provider_id", "error", "mail_subject"), ""),
        **dict.fromkeys(("dedupe_key", "event_type", "kind"), "confirmed"),
        **dict.fromkeys(("sequence", "attempts"), 1),
        **facts,
        "state": "accepted",
        "language": "fr",
        "second_copy_possible": False,
        "context": {"session": {"title": a_session()["title"]}},
    }
    types = sa.inspect(Delivery).columns
    table = sa.table("delivery", *(sa.column(name, types[name].type) for name in values))
    with runtime.database.engine.begin() as connection:
        connection.execute(table.insert().values(values))
