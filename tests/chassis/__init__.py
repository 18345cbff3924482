"""Tests of the chassis over real databases."""
