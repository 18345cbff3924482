"""What puts the services together: launcher, command line and demonstration data."""
