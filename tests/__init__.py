"""Turnout's tests."""
