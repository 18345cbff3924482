"""How many statements notify takes for one event and for one mail."""

import pytest

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.notify.claiming import AT_ONCE
from services.notify.sending import send_due
from tests.notify.factories import NOW, an_envelope, confirmed, waitlisted
from tests.statements import counted


@pytest.fixture
def dialect() -> str:
    """The number is the same on both."""
    return "sqlite"


def test_an_event_and_its_mail(runtime: Runtime) -> None:
    with counted(runtime) as handling:
        runtime.inbox.receive(an_envelope(*confirmed()), NOW)
    with counted(runtime) as sending:
        assert send_due(runtime, NOW) == 1
    assert (len(handling), len(sending)) == (6, 10)


def test_one_turn_more_of_mails_that_are_sent_together(runtime: Runtime) -> None:
    taken = []
    for mails in (AT_ONCE, 4 * AT_ONCE):
        for _ in range(mails):
            runtime.inbox.receive(an_envelope(*waitlisted(registration_id=new_id())), NOW)
        with counted(runtime) as sending:
            assert send_due(runtime, NOW) == mails
        taken.append(len(sending))
    assert taken[1] - taken[0] == 3 * (2 + 4 * AT_ONCE)


def test_one_event_more_in_a_transaction(runtime: Runtime) -> None:
    taken = []
    for events in (2, 12):
        envelopes = [an_envelope(*waitlisted(registration_id=new_id())) for _ in range(events)]
        with counted(runtime) as handling:
            runtime.inbox.receive_together(envelopes, NOW)
        taken.append(len(handling))
    assert taken[1] - taken[0] == 10 * 2
