"""Faults while members sign up, and an outside witness that counts what became of everybody."""
