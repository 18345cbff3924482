"""What the catalogue refuses to do; each refusal has a code that a view puts into words."""


class Refusal(Exception):
    """A command that cannot be carried out; nothing has been changed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(Refusal):
    """There is no such workshop, session or flag."""

    def __init__(self) -> None:
        super().__init__("not_found")


class ReasonMissing(Refusal):
    """Something that members have been told of changes, and nobody said why."""

    def __init__(self) -> None:
        super().__init__("reason_missing")


class ChangedMeanwhile(Refusal):
    """Somebody else has changed the session since its form was opened."""

    def __init__(self) -> None:
        super().__init__("changed_meanwhile")


class NotChangeable(Refusal):
    """The session is not in a state in which that can be done."""


class NotPublishable(Refusal):
    """What is missing or wrong, as codes, all at once."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__("not_ready")
        self.reasons = reasons
