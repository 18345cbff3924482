"""A contract: the name, version, route and data of one kind of event."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema


@dataclass(frozen=True)
class Contract:
    """One kind of event; a released version never changes but for new optional fields.

    `latest_only` marks an event that carries a whole state: of several unsent ones about the
    same subject only the newest is worth sending.
    """

    name: str
    producer: str
    consumers: tuple[str, ...]
    data: type[Schema]
    version: int = 1
    latest_only: bool = False

    @property
    def type(self) -> str:
        """The name of the event and of the Celery task that carries it."""
        return f"{self.name}.v{self.version}"

    def dump(self, data: dict[str, Any], ready: dict[str, Any] | None = None) -> dict[str, Any]:
        """Turn Python values into the JSON form; ValueError when they do not fit the contract.

        `ready` are parts that are in their JSON form already and known to fit: in a rush a
        thousand events say the same of one session.
        """
        ready = ready or {}
        schema = _schema(self.data, frozenset(ready))
        dumped: dict[str, Any] = schema.dump(data)
        if problems := schema.validate(dumped):
            raise ValueError(f"{self.type} does not fit its contract: {problems}")
        return dumped | ready

    def dump_loaded(self, data: dict[str, Any]) -> dict[str, Any]:
        """Turn what `load` gave back into the JSON form; that it fits is known."""
        dumped: dict[str, Any] = _schema(self.data).dump(data)
        return dumped

    def load(self, data: dict[str, Any]) -> dict[str, Any]:
        """Turn the JSON form into Python values; marshmallow's ValidationError when it is wrong."""
        loaded: dict[str, Any] = _schema(self.data).load(data)
        return loaded


@cache
def _schema(kind: type[Schema], but: frozenset[str] = frozenset()) -> Schema:
    """One instance for all: making one takes longer than what it is made for."""
    return kind(exclude=but)
