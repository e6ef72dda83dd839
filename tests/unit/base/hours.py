"""What Python makes of sending hours: lines "rule TAB second TAB 0 or 1", every 15 minutes of weeks
in which clocks are set, and of one in which none is."""
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

RULES = (
    # as written, days (0 is Monday), opens, closes
    ("08:00-20:00 Pacific/Noumea", range(7), 480, 1200),
    ("mon-fri 08:00-12:30 Europe/Paris", range(5), 480, 750),
    ("lun-ven 01:30-02:30 Europe/Paris", range(5), 90, 150),
    ("02:15-02:45 Europe/Paris", range(7), 135, 165),
    ("sat-mon 22:00-06:00 Australia/Lord_Howe", (5, 6, 0), 1320, 360),
    ("wed,sun 00:00-24:00 Pacific/Chatham", (2, 6), 0, 1440),
    ("00:00-24:00 America/New_York", range(7), 0, 1440),
    ("fri 23:45-00:15 America/Santiago", (4,), 1425, 15),
    ("00:00-00:30 America/Havana", range(7), 0, 30),
    ("9:00-23:59 UTC", range(7), 540, 1439),
)
WEEKS = ((2026, 3, 2), (2026, 3, 26), (2026, 4, 2), (2026, 9, 3), (2026, 10, 22), (2026, 10, 30),
         (2027, 1, 1), (2044, 2, 26))


def is_open(days, opens, closes, at):
    minute = at.hour * 60 + at.minute
    if opens < closes:
        return at.weekday() in days and opens <= minute < closes
    return (minute >= opens and at.weekday() in days) or \
        (minute < closes and (at.weekday() - 1) % 7 in days)


for text, days, opens, closes in RULES:
    zone = zoneinfo.ZoneInfo(text.split()[-1])
    for week in WEEKS:
        at = datetime(*week, tzinfo=timezone.utc)
        for _ in range(9 * 24 * 4):
            shown = is_open(days, opens, closes, at.astimezone(zone))
            sys.stdout.write(f"{text}\t{int(at.timestamp())}\t{int(shown)}\n")
            at += timedelta(minutes=15)
