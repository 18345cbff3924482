"""Registration as a machine: any order of anything that can happen, held to a small model."""
