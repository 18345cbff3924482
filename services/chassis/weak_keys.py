"""Secret keys that anybody could guess, though they are long enough."""

FEWEST_CHARACTERS = 10
"""Different ones. A key of 32 random hexadecimal digits has fewer once in a thousand million."""

LONGEST_PATTERN = 12
_WELL_KNOWN = (
    *("changeme", "change-me", "change_me", "replace-me", "replaceme", "default"),
    *("insecure", "password", "secret", "your-key", "example", "turnout", "test-key"),
    *("0123456789", "abcdefghij", "qwertyuiop"),
)


def weakness(key: str) -> str:
    """Why the key is no secret; empty when nothing is known against it."""
    if len(set(key)) < FEWEST_CHARACTERS:
        return "has the same few characters again and again"
    if (key + key).find(key, 1) <= LONGEST_PATTERN:
        return "repeats one short pattern"
    if any(word in key.casefold() for word in _WELL_KNOWN):
        return "has a word in it that is in everybody's examples"
    return ""
