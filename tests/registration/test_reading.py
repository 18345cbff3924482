"""A page is of one moment, whatever is written while it is put together."""

import sqlalchemy as sa

from services.chassis.service import Runtime
from services.registration.models import WorkshopSession
from services.registration.queries import session_view
from services.registration.seats import crowd_of
from tests.registration.factories import a_session, signed_up


def test_who_joins_the_line_meanwhile_is_on_no_half_of_a_page(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=0)
    signed_up(runtime, session_id, "Alex Rivera")
    with runtime.database.reading() as db:
        assert crowd_of(db, session_id).waiting == 1
        signed_up(runtime, session_id, "Sam Lake")
        assert crowd_of(db, session_id).waiting == 1
        view = session_view(db, db.scalars(sa.select(WorkshopSession)).one())
        assert [each.name for each in view.waiting] == ["Alex Rivera"]


def test_the_next_page_shows_them(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=0)
    for number, name in enumerate(["Alex Rivera", "Sam Lake"], start=1):
        signed_up(runtime, session_id, name)
        with runtime.database.reading() as db:
            assert crowd_of(db, session_id).waiting == number
