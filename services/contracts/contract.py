"""A contract: the name, version, route and data of one kind of event."""

from dataclasses import dataclass
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

    def dump(self, data: dict[str, Any]) -> dict[str, Any]:
        """Turn Python values into the JSON form; ValueError when they do not fit the contract."""
        dumped: dict[str, Any] = self.data().dump(data)
        if problems := self.data().validate(dumped):
            raise ValueError(f"{self.type} does not fit its contract: {problems}")
        return dumped

    def load(self, data: dict[str, Any]) -> dict[str, Any]:
        """Turn the JSON form into Python values; marshmallow's ValidationError when it is wrong."""
        loaded: dict[str, Any] = self.data().load(data)
        return loaded
