"""The invariants, on all three services at once."""
