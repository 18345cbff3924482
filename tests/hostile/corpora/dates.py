"""Days and hours that calendars get wrong, and text that only looks like one."""

from datetime import date, time

DAYLIGHT_SAVING_DAYS = [
    date(year, month, day)
    for year, spring, autumn in (
        (2026, 8, 1),
        (2027, 14, 7),
        (2028, 12, 5),
        (2029, 11, 4),
        (2030, 10, 3),
    )
    for month, day in ((3, spring), (11, autumn))
]
OTHER_DAYS = [
    date(2028, 2, 29),
    date(2032, 2, 29),
    date(2027, 2, 28),
    date(2026, 12, 31),
    date(2027, 1, 1),
    date(2099, 12, 31),
    date(2038, 1, 19),
    date(2038, 1, 20),
    date(2036, 2, 7),
    date(2027, 6, 30),
]
ZONES = ["America/Toronto", "America/St_Johns", "America/Regina", "America/Vancouver"]
HOURS = [
    (time(0, 0), time(23, 59)),
    (time(0, 30), time(1, 30)),
    (time(1, 30), time(3, 30)),
    (time(2, 30), time(9, 0)),
    (time(23, 0), time(23, 30)),
]

NOT_DAYS = [
    "2026-02-29",
    "2026-02-30",
    "2027-02-29",
    "2100-02-29",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-01-00",
    "2026-1-1x",
    "0000-01-01",
    "-001-01-01",
    "99999-01-01",
    "20260230",
    "26-02-01",
    "01/02/2026",
    "1.2.2026",
    "Feb 1, 2026",
    "février",
    "today",
    "now",
    "2026-02-28T25:00",
    "2026-W09",
    "2026-060",
    "٢٠٢٦-٠٢-٢٨",
    "２０２６-０２-２８",
    "2026–02–28",
    "2026-02-28\x00",
    "NaN",
    "Infinity",
    "1e9",
    "-1",
]
NOT_HOURS = [
    "24:00",
    "25:00",
    "12:60",
    "-1:00",
    "9h",
    "9h30x",
    "noon",
    "midi",
    "12:00 pm",
    "1200x",
    "１２:００",
    "12:00:00:00",
    ":",
    "::",
    "12:",
    ":30",
    "1e1:00",
    "NaN",
]
