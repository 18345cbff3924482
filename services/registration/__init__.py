"""Registration: people, their places, the waiting list, fees, staff accounts and rosters."""
