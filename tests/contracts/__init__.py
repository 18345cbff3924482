"""Tests of what the services say to each other."""
