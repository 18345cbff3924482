"""The threats of docs/security.md, each shown to be met."""
