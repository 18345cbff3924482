"""Registration's tables about requests of people: for their data, or to be forgotten."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.ids import new_id
from services.registration.models import Base

EXPORT, ERASURE = "export", "erasure"


class PersonRequest(Base):
    """That somebody's data are to be put together or erased, and how far that has come.

    `who` are the data of the contract; it is emptied when an erasure is done. `answers` says
    when each service had done its part. A request of the member's own begins when the link from
    its mail is used (`begun_at`); until then `asked_through` is the place whose page it came
    from, and `link_until` when that link dies.
    """

    __tablename__ = "person_request"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(20))
    who: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    asked_by: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    asked_through: Mapped[UUID | None] = mapped_column(index=True)
    link_until: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    finished_at: Mapped[datetime | None]


class FoundPart(Base):
    """What one service knows of somebody, in parts as they arrive; `rows` by kind."""

    __tablename__ = "found_part"

    request_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("person_request.id", ondelete="CASCADE"), primary_key=True
    )
    service: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    parts: Mapped[int]
    rows: Mapped[dict[str, Any]]
