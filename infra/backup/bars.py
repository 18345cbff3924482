"""How far a backup or a restore has come, shown to whoever watches."""

from rich.console import Console
from rich.progress import Progress


def shown_progress() -> Progress:
    """Bars on a terminal, gone when all is done; nothing where nobody looks."""
    console = Console(highlight=False, stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
