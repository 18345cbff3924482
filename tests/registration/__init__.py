"""Tests of registration over real databases."""
