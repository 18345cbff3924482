"""Tests of the whole: three services, real workers, a real broker."""
