"""The three services of Turnout and the packages that they share."""
