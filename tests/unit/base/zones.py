"""What Python's zoneinfo says of the clocks of the world: lines "zone TAB second TAB offset".
Every zone at moments all over 1900 to 2250; some zones on both sides of each change."""
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

CHANGING = """Africa/Casablanca Africa/Cairo America/Asuncion America/Havana America/New_York America/Nuuk
America/Santiago Antarctica/Troll Asia/Beirut Asia/Gaza Asia/Jerusalem Atlantic/Azores Australia/Lord_Howe
Australia/Sydney Europe/Chisinau Europe/Dublin Europe/London Europe/Paris Pacific/Auckland
Pacific/Chatham Pacific/Easter""".split()
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = 86400


def offset(zone, second):
    at = (EPOCH + timedelta(seconds=second)).astimezone(zone)
    return int(at.utcoffset().total_seconds())


def say(name, zone, second):
    sys.stdout.write(f"{name}\t{second}\t{offset(zone, second)}\n")


def change_between(zone, low, high):
    before = offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone, middle) == before else (low, middle)
    return high


first = int((datetime(1900, 1, 1, tzinfo=timezone.utc) - EPOCH).total_seconds())
last = int((datetime(2250, 1, 1, tzinfo=timezone.utc) - EPOCH).total_seconds())
for number, name in enumerate(sorted(zoneinfo.available_timezones())):
    zone = zoneinfo.ZoneInfo(name)
    for second in range(first + number * 7777, last, 397 * DAY + 4321):
        say(name, zone, second)
for name in CHANGING:
    zone = zoneinfo.ZoneInfo(name)
    for day in list(range(19700, 20500)) + list(range(30000, 30800)):
        if offset(zone, day * DAY) != offset(zone, (day + 1) * DAY):
            at = change_between(zone, day * DAY, (day + 1) * DAY)
            say(name, zone, at - 1)
            say(name, zone, at)
