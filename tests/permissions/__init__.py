"""Every route of every service, asked for by every role, about what is theirs and what is not."""
