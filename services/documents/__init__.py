"""How things look on paper and in a calendar: data in, bytes out, nothing else touched."""
