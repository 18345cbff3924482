"""How many statements notify takes for one event and for one mail."""

import pytest

from services.chassis.service import Runtime
from services.notify.sending import send_next
from tests.notify.factories import NOW, an_envelope, confirmed
from tests.statements import counted


@pytest.fixture
def dialect() -> str:
    """The number is the same on both."""
    return "sqlite"


def test_an_event_and_its_mail(runtime: Runtime) -> None:
    with counted(runtime) as handling:
        runtime.inbox.receive(an_envelope(*confirmed()), NOW)
    with counted(runtime) as sending:
        assert send_next(runtime, NOW) == 1
    assert (len(handling), len(sending)) == (7, 11)
