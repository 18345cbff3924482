"""How every service runs: settings, database, events, clock, worker, web, language, sign-in."""
