"""The same faults while a window of whole messages is on its way by BDAT: what was answered
is final, what was on its way is uncertain after a cut, and after 421 unsent. The server
wants RSET after each refusal and writes down whoever forgets it."""
import pathlib
import sys
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, Relay, check, equal  # noqa: E402

WORK = pathlib.Path(sys.argv[1]) / "window"
MEMBERS = 60
BATCH = 10
WINDOW = 8
REFUSED, DEFERRED = 3, 4  # by their mailbox
BIG = "---\nsubject: Long\nlanguage: en\n---\n" + "{{organisation}}\n\n" * 60
LONG_NAME = bench.CONFIG.replace("organisation: Association Exemple",
                                 "organisation: " + "A long name " * 300)

# fault, by mode: how many it defers, how many it refuses
REPLIES = (
    ("mail-421@5", (0, 0), (0, 0)),
    ("rcpt-421@7", (0, 0), (0, 0)),
    ("data-421@6", (1, 0), None),
    ("end-421@5", (1, 0), None),
    ("mail-451@5", (1, 0), (BATCH, 0)),
    ("end-451@4", (1, 0), None),
    ("data-554@5", (0, 1), None),
    ("end-554@5", (0, 1), None),
    ("rcpt-452@15", (1, 0), (0, 0)),  # "too many" of one recipient is a "later"
)
CUTS = ("mail-cut@5", "data-cut@5", "content-cut@5", "end-cut@5")


def people():
    """The refused and the later ones stand in the middle of good ones."""
    rows = bench.members(MEMBERS - REFUSED - DEFERRED)
    for i in range(REFUSED):
        rows.insert(12 + 9 * i, (f"gone{i}@example.org", "Ana", "x"))
    for i in range(DEFERRED):
        rows.insert(7 + 11 * i, (f"{'full' if i % 2 else 'later'}{i}@example.org", "Bob", "x"))
    return rows


def set_up(folder, relay, rows, more="", config=None):
    f = Facteur(folder / "facteur", relay.port, "max_connections: 1, "
                f"recipients_per_message: {BATCH}" + more, config=config)
    f.members(rows)
    return f


def name_of(fault, mode):
    return f"{fault}-{mode}"


def plain_window():
    for mode, template in (("individual", "personal"), ("bcc", "plain")):
        with Relay(WORK / name_of("plain", mode) / "relay", "--chunking") as relay:
            f = set_up(WORK / name_of("plain", mode), relay, people())
            campaign, count = f.prepare(template, mode)
            done = f.send(campaign, count)
            totals = f.totals(campaign)
            good = MEMBERS - REFUSED - DEFERRED
            equal(f"window, {mode}: each recipient has the verdict of its own",
                  (totals["accepted"], totals["refused"], totals["deferred"],
                   sorted(relay.addresses())),
                  (good, REFUSED, DEFERRED, sorted(a for a, *_ in bench.members(good))),
                  done.stderr)
            equal(f"window, {mode}: the envelope id is the Message-ID up to the @, each its own",
                  [m["envid"] for m in relay.accepted()],
                  list(dict.fromkeys(m["id"].strip("<").partition("@")[0]
                                     for m in relay.accepted())))
            equal(f"window, {mode}: nothing strange on the wire", relay.strange(), [])
            oracle.sound(f, campaign, f"window, {mode}")


def one_reply(fault, mode, template, deferred, refused):
    what = f"window, {fault}, {mode}"
    with Relay(WORK / name_of(fault, mode) / "relay", "--chunking", "--fault", fault) as relay:
        f = set_up(WORK / name_of(fault, mode), relay, bench.members(MEMBERS))
        campaign, count = f.prepare(template, mode)
        done = f.send(campaign, count)
        totals, had = f.totals(campaign), Counter(relay.addresses())
        equal(f"{what}: only whom it struck, nobody uncertain",
              (totals["deferred"], totals["refused"], totals["uncertain"], totals["accepted"]),
              (deferred, refused, 0, MEMBERS - deferred - refused), done.stderr)
        equal(f"{what}: the others have it, once", (len(had), set(had.values())),
              (MEMBERS - deferred - refused, {1}))
        equal(f"{what}: nothing strange on the wire", relay.strange(), [])
        oracle.sound(f, campaign, what)


def replies():
    for fault, individual, bcc in REPLIES:
        one_reply(fault, "individual", "personal", *individual)
        if bcc is not None:
            one_reply(fault, "bcc", "plain", *bcc)


def one_cut(fault, mode, template, config=None):
    what = f"window, {fault}, {mode}, {template}"
    folder = WORK / name_of(fault, mode + template)
    with Relay(folder / "relay", "--chunking", "--fault", fault) as relay:
        f = set_up(folder, relay, bench.members(MEMBERS), config=config)
        (f.folder / "big.md").write_text(BIG)
        f.must("template", "add", "big", "big.md")
        campaign, count = f.prepare(template, mode)
        done = f.send(campaign, count)
        oracle.verdict(what, f, campaign, relay.addresses(), MEMBERS, done)
        uncertain = f.totals(campaign)["uncertain"]
        most = WINDOW * (BATCH if mode == "bcc" else 1)
        check(f"{what}: no more uncertain than were on their way", uncertain <= most,
              uncertain)
        equal(f"{what}: nothing strange on the wire", relay.strange(), [])


def cuts():
    for fault in CUTS:
        one_cut(fault, "individual", "personal")
        one_cut(fault.replace("@5", "@3"), "bcc", "plain")
    # Longer than the buffer: each is streamed when the one before it was answered.
    one_cut("content-cut@4", "individual", "big", config=LONG_NAME)


def window_of_two():
    """No more messages than asked for are in doubt."""
    with Relay(WORK / "two" / "relay", "--chunking", "--fault", "end-cut@9") as relay:
        f = set_up(WORK / "two", relay, bench.members(MEMBERS), ", pipeline: window 2")
        campaign, count = f.prepare("personal", "individual")
        done = f.send(campaign, count)
        oracle.verdict("window of two", f, campaign, relay.addresses(), MEMBERS, done)
        check("window of two: at most two are uncertain",
              1 <= f.totals(campaign)["uncertain"] <= 2, f.totals(campaign))


def careful():
    with Relay(WORK / "careful" / "relay", "--chunking", "--fault", "end-cut@9") as relay:
        f = set_up(WORK / "careful", relay, bench.members(MEMBERS), ", pipeline: careful")
        campaign, count = f.prepare("personal", "individual")
        done = f.send(campaign, count)
        oracle.verdict("careful", f, campaign, relay.addresses(), MEMBERS, done)
        equal("careful: one is uncertain", f.totals(campaign)["uncertain"], 1)


def too_big():
    """One clear error before anything is sent, by the relay's own limit too."""
    with Relay(WORK / "big" / "relay", "--chunking") as relay:
        f = set_up(WORK / "big", relay, bench.members(MEMBERS), ", max_message_size: 300")
        campaign, count = f.prepare("personal", "individual")
        done = f.send(campaign, count)
        totals = f.totals(campaign)
        check("too big: exit 69, max_message_size named once, nobody marked",
              done.returncode == 69 and done.stderr.count("max_message_size") == 1
              and totals["pending"] == MEMBERS and relay.accepted() == [],
              done.returncode, totals, done.stderr)


bench.play(plain_window, replies, cuts, window_of_two, careful, too_big)
