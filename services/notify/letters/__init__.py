"""How a mail is worded: facts into words, words into a plain and an HTML part that say the same."""
