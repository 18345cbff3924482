"""People and their data, across the three services."""
