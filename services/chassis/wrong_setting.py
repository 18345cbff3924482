"""What is raised for a setting that is missing or cannot be right."""


class WrongSetting(Exception):
    """A setting that is missing or cannot be right; the message names it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
