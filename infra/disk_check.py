"""Examines how much room is left on the disk."""

import shutil
from pathlib import Path

from infra.findings import Finding, fine

LEAST_FREE = 500_000_000
"""In bytes: some weeks of a busy site, and a backup's draft."""


def examine_disk(folder: Path, *, least_free: int = LEAST_FREE) -> Finding:
    """Whether the disk of the data folder has room; a full one stops every sign-up."""
    free = shutil.disk_usage(folder).free
    told = f"{free / 1_000_000:,.0f} MB are free on the disk of {folder}"
    if free >= least_free:
        return fine("disk", told)
    cure = "Make room: when the disk is full, no sign-up can be stored."
    return Finding("disk", f"nearly full: {told}", cure)
