"""Long runs against the launched system: `make soak`."""
