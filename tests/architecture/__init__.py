"""Tests of how the code is put together."""
