"""Notify: owns what is mailed to whom, when, and what became of it."""
