"""Measurements of the whole product, driven from outside."""
