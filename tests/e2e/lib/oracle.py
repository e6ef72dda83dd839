"""What a relay took against what facteur says: nobody lost, nobody doubled, sums that hold."""
import json
import sqlite3
from collections import Counter

import bench
from bench import check, equal

DATABASE = "facteur.db"
COUNTS = ("pending", "claimed", "committed", "accepted", "deferred", "refused", "uncertain",
          "skipped", "cancelled")


def state(f, campaign):
    return json.loads(f.must("campaign", "show", campaign, "--json"))["state"]


def ask(f, sql, *values):
    db = sqlite3.connect(f.folder / DATABASE)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def counts(f, campaign):
    """What the campaign's row says, and what its deliveries are, by state."""
    ((*row, total),) = ask(f, f"SELECT {', '.join(COUNTS)}, total FROM campaign WHERE id = ?",
                           campaign)
    rows = dict(ask(f, "SELECT state, count(*) FROM delivery WHERE campaign_id = ?"
                    " GROUP BY state", campaign))
    return row, [rows.get(state, 0) for state in range(len(COUNTS))], total


def sound(f, campaign, what):
    """What must hold at every moment. Only what is wrong gets a line of its own."""
    totals = f.totals(campaign)
    log = f.run("audit", "verify")
    if not (bench.sums_add_up(totals) and log.returncode == 0
            and ask(f, "PRAGMA integrity_check") == [("ok",)]):
        check(f"{what}: sums, database and log of events hold", False, totals, log.stderr)
    return totals


def verdict(what, f, campaign, taken, members, done):
    """At the end of a campaign. `taken` has an address for each time the relay took a
    message for it; `done` is the last run."""
    taken = Counter(taken)
    report = {row["address"]: row["state"] for row in f.recipients(campaign)}
    accepted = {a for a, s in report.items() if s == "accepted"}
    uncertain = {a for a, s in report.items() if s == "uncertain"}
    refused = {a for a, s in report.items() if s == "refused"}
    what = f"{what}, campaign {campaign}"
    equal(f"{what}: it ends", (state(f, campaign), done.returncode),
          ("done", 3 if uncertain or refused else 0), done.stderr)
    equal(f"{what}: 0 doubled", [a for a, n in taken.items() if n > 1], [])
    equal(f"{what}: 0 lost", (len(report), set(report) - accepted - uncertain - refused),
          (members, set()))
    equal(f"{what}: whoever is accepted was taken by the relay", accepted - set(taken), set())
    equal(f"{what}: whoever the relay took is accepted or uncertain",
          set(taken) - accepted - uncertain, set())
    last = json.loads(done.stdout.splitlines()[-1])
    totals = sound(f, campaign, what)
    equal(f"{what}: the last line is the report's sums", {k: last[k] for k in totals}, totals)
