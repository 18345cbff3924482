"""Backup sets: one dated folder with everything a site needs to come back, and its return."""
