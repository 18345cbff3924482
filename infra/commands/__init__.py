"""The commands of `turnout`, a file for each subject."""
