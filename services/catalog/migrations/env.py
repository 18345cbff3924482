"""Alembic's entry to the history of the catalogue's tables."""

from services.chassis.migrate import run_migrations

run_migrations()
