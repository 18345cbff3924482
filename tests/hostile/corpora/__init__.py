"""What hostile, careless and unlucky people type, by subject; written for these tests."""
