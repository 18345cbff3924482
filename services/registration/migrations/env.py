"""Alembic's way in."""

from services.chassis.migrate import run_migrations

run_migrations()
