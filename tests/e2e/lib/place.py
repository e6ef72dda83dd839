"""A place for one trial after the other: a folder with a prepared campaign, which is put back
to its beginning in a moment, and a server whose log tells what became of it. Many places work
side by side."""
import concurrent.futures
import contextlib
import filecmp
import pathlib
import queue
import shutil
import sqlite3
from collections import Counter

import bench
import oracle
from bench import Facteur, Relay

PENDING, ACCEPTED, UNCERTAIN = 0, 3, 6
FINE, PARTLY = 0, 3
RUNS_MAX = 5
CONFIG = bench.CONFIG.replace("tls: none, auth: none", "auth: none")
TEMPLATES = {"short": '---\nsubject: "Dear {{given_name}}"\nlanguage: en\n---\nYour {{code}}.\n',
             "shared": '---\nsubject: "News"\nlanguage: en\n---\nHello.\n'}


# Moments, and what is another at each run.
VOLATILE = ("created", "started", "finished", "updated", "at", "since", "beat", "born", "pid", "hash",
            "due", "text", "wall", "ms", "since_boot", "bucket")


class Place:
    def __init__(self, folder, members, template="short", mode="individual", server=(),
                 relay="tls: none", by="relay", facteur=Facteur):
        folder = pathlib.Path(folder)
        self.relay = Relay(folder / "relay", *server)
        self.f = facteur(folder / "facteur", self.relay.port, relay, config=CONFIG)
        self.members, self.by = members, by
        self.f.members(bench.members(members))
        for made, text in TEMPLATES.items():
            (self.f.folder / f"{made}.md").write_text(text)
            self.f.must("template", "add", made, f"{made}.md")
        self.campaign, self.count = self.f.prepare(template, mode, relay=by)
        self.database = self.f.folder / oracle.DATABASE
        self.fresh = folder / "fresh.db"
        self.freeze()

    def close(self):
        self.relay.__exit__()
        self.f.close()

    def freeze(self):
        """The database as it is now is the beginning of each trial."""
        shutil.copyfile(self.database, self.fresh)
        self.unsound_at_first = list(self.unsound_database())

    def untouched(self):
        """Nothing was written since the reset."""
        wal = pathlib.Path(f"{self.database}-wal")
        return ((not wal.exists() or wal.stat().st_size == 0)
                and filecmp.cmp(self.database, self.fresh, shallow=False))

    def reset(self):
        fresh = self.untouched()
        for end in ("-wal", "-shm", "-sent"):  # a place put back on purpose
            pathlib.Path(f"{self.database}{end}").unlink(missing_ok=True)
        if not fresh:
            shutil.copyfile(self.fresh, self.database)
        shutil.rmtree(self.f.folder / "outbox", ignore_errors=True)
        for name in ("accepted", "sessions"):
            self.relay.news(name)

    def content(self):
        """What the database holds at this moment, without moments: equal in equal states."""
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            columns = db.execute(
                "SELECT m.name, group_concat(c.name) FROM sqlite_master m JOIN pragma_table_info(m.name) c"
                f" WHERE m.type = 'table' AND c.name NOT IN {VOLATILE} AND m.name <> 'meta' GROUP BY 1")
            return tuple((table, *db.execute(f"SELECT {names} FROM {table}"))
                         for table, names in columns.fetchall())

    def state(self):
        ((state,),) = oracle.ask(self.f, "SELECT state FROM campaign")
        return state

    def states(self):
        return dict(oracle.ask(self.f, "SELECT address, state FROM delivery"))

    def command(self, *more):
        """The next run of the campaign: its first, or one that goes on."""
        what = (("resume", self.campaign) if self.state() != 0
                else ("send", self.campaign, "--yes", "--expect-count", self.count))
        return ("campaign", *what, "--json", "--progress", "none", *more)

    def finish(self, *more):
        """Runs it until everybody is decided; the exit codes, and what was said."""
        codes, said = [], ""
        while len(codes) < RUNS_MAX:
            done = self.f.run(*self.command(*more))
            codes.append(done.returncode)
            said += done.stderr
            if set(self.states().values()) <= {ACCEPTED, UNCERTAIN}:
                break
        return codes, said

    def taken(self):
        """How often the server has taken a message for an address since the reset."""
        return Counter(a for m in self.relay.news() for a in m["rcpts"])

    def await_sessions(self, n):
        """What a lost connection brought may be taken after facteur has ended."""
        sessions = []

        def all_over():
            sessions.extend(self.relay.news("sessions"))
            return len(sessions) >= n

        bench.wait_until("the server has seen all the ends", all_over)
        return sessions

    def unsound(self):
        """What is wrong with the database at this moment."""
        yield from self.unsound_at_first if self.untouched() else self.unsound_database()

    def unsound_database(self):
        says, holds, total = oracle.counts(self.f, self.campaign)
        if says != holds or total != self.members:
            yield f"counts {says} of {total}, and the deliveries are {holds}"
        if oracle.ask(self.f, "PRAGMA integrity_check") != [("ok",)]:
            yield "the database is damaged"

    def unfit(self, codes, taken):
        """What is wrong with the end of a campaign."""
        states = self.states()
        for address, state in states.items():
            if taken[address] > 1:
                yield f"{address} was taken {taken[address]} times"
            if state not in (ACCEPTED, UNCERTAIN):
                yield f"{address} is in state {state} at the end"
            elif state == ACCEPTED and taken[address] != 1:
                yield f"{address} is accepted and was taken {taken[address]} times"
        if len(states) != self.members or set(taken) - set(states):
            yield f"{len(states)} members, and {len(taken)} got something"
        want = PARTLY if UNCERTAIN in states.values() else FINE
        if codes[-1] != want:
            yield f"exit codes {codes}, {want} wanted at the end"
        yield from self.unsound()
        log = self.f.run("audit", "verify")
        if log.returncode != 0:
            yield f"the log of events: {log.stderr}"


def side_by_side(places, trial, cases):
    """trial(place, case) for each case, each in a place that nobody else uses meanwhile; the
    results in the order of the cases."""
    free = queue.Queue()

    def one(case):
        place = free.get()
        try:
            return trial(place, case)
        finally:
            free.put(place)

    for place in places:
        free.put(place)
    with concurrent.futures.ThreadPoolExecutor(len(places)) as pool:
        yield from pool.map(one, cases)
