"""What the services say to each other: every event, its data, its producer and its consumers."""

from collections.abc import Mapping

from services.contracts import (
    messages,
    people,
    plumbing,
    registrations,
    restores,
    sessions,
    staff,
)
from services.contracts.contract import Contract
from services.contracts.envelope import Event, from_envelope, to_envelope

SERVICES = ("catalog", "registration", "notify")
"""Each service's name is also the name of its package, its database and its queue."""

CONTRACTS: Mapping[str, Contract] = {
    value.type: value
    for module in (sessions, registrations, messages, staff, restores, people, plumbing)
    for value in vars(module).values()
    if isinstance(value, Contract)
}
"""Every contract by its type, such as `session.published.v1`."""


def consumed_by(service: str) -> list[Contract]:
    """The contracts that a service must have a handler for, plumbing left out."""
    return [each for each in CONTRACTS.values() if service in each.consumers]


__all__ = [
    "CONTRACTS",
    "SERVICES",
    "Contract",
    "Event",
    "consumed_by",
    "from_envelope",
    "to_envelope",
]
