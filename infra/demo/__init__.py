"""What a first visitor finds: a fictional union's calendar and its directory of locals."""
