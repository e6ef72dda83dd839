"""The n-th call of a system call fails: syscalls.py FOLDER SEED LANES STRIDE"""
import concurrent.futures
import itertools
import pathlib
import random
import re
import subprocess
import sys
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
from bench import LONG, check, equal, note  # noqa: E402
from place import UNCERTAIN, Place, side_by_side  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
LANES, STRIDE = int(sys.argv[3]), int(sys.argv[4])
MEMBERS = 20
CONNECTIONS = 2
AHEAD = 4  # messages with a mark on one connection
SECONDS = 150  # a relay that cannot be reached is tried again for half a minute
WAITING = 20 if LONG else 4  # lanes for points that mostly wait
CLEAN = (0, 3, 66, 69, 73, 74, 75, 77, 78)  # never a signal, never 70
ERRORS = ("ENOSPC", "EIO", "ECONNRESET", "EINTR")
NETWORK = {"connect", "recvfrom", "sendto", "poll", "epoll_wait", "getsockopt", "socket", "epoll_ctl"}
LOCKS = {"fcntl"}
MEMORY = {"mmap"}  # it fails with ENOMEM
# What cannot fail (brk says so by the old address), and what ends glibc when it does (futex
# with anything but EINTR).
SPARED = {"brk", "exit", "exit_group", "getpid", "geteuid", "rt_sigreturn", "futex", "munmap"}
FOREVER = {"EINTR": 50}  # "try again": whoever says so for ever is no failure but a hang
SPENT = []
BEGIN = "prctl(PR_SET_DUMPABLE"  # the first call of main(): before it the loader works


def strace(place, *options):
    return subprocess.run(["strace", "-f", "-o", place.f.folder / "trace", *options,
                           *place.f.command(*place.command())],
                          cwd=place.f.folder, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="replace", timeout=SECONDS * bench.SLOWER, check=False)


def calls_of(place):
    """The numbers of each call from main() on; strace counts in each thread by itself."""
    place.reset()
    done = strace(place)
    before, total, in_main = Counter(), Counter(), False
    for line in (place.f.folder / "trace").read_text(errors="replace").splitlines():
        found = re.match(r"(\d+) +(\w+)\(", line)
        if found is None:
            continue
        in_main = in_main or BEGIN in line
        thread, name = found.groups()
        total[name, thread] += 1
        before[name] += not in_main
    equal("without a failure all goes well", (done.returncode, list(place.unsound())), (0, []),
          done.stderr)
    check("the first call of main() is found", in_main)
    most = Counter()
    for (name, _), n in total.items():
        most[name] = max(n, most[name])
    return {name: range(before[name] + 1, n + 1) for name, n in most.items()
            if name not in SPARED and n > before[name]}


def all_points(calls):
    for name, numbers in calls.items():
        for error in ("ENOMEM",) if name in MEMORY else ERRORS:
            for n in numbers:
                yield name, error, n, True
                yield name, error, n, False


def sample(calls):
    """Each kind of call once with each way of failing; the slow ones are few."""
    slow = 2
    # A write that failed while the peer went on waiting was not noticed for ten minutes.
    yield "sendto", "EIO", calls["sendto"][len(calls["sendto"]) // 2], True
    # A socket that could not be watched while it connects was waited for without end.
    for n in calls["epoll_ctl"][:4]:
        yield "epoll_ctl", "ENOSPC", n, True
    for name, numbers in sorted(calls.items()):
        for once in (True, False):
            error = "ENOMEM" if name in MEMORY else RANDOM.choice(ERRORS)
            slow -= name in NETWORK and not once
            if slow >= 0 or once or name not in NETWORK:
                yield name, error, RANDOM.choice(numbers), once


def trial(place, point):
    name, error, n, once = point
    place.reset()
    last = n if once else f"{n + FOREVER[error]}" if error in FOREVER else ""
    when = f"{n}" if once else f"{n}..{last}" if last else f"{n}+"
    try:
        done = strace(place, "-e", f"trace={name}", "-e", f"inject={name}:error={error}:when={when}")
    except subprocess.TimeoutExpired:
        return point, None, 0, ["it hangs"]
    faults = []
    if done.returncode not in CLEAN:
        faults.append(f"exit code {done.returncode}")
    faults += place.unsound()
    codes, said = place.finish()
    faults += place.unfit(codes, place.taken())
    uncertain = list(place.states().values()).count(UNCERTAIN)
    if uncertain > CONNECTIONS * AHEAD:
        faults.append(f"{uncertain} are uncertain")
    if faults:
        faults += [done.stdout, done.stderr, said]
    return point, done.returncode, uncertain, faults


def timed(place, point):
    at = time.monotonic()
    result = trial(place, point)
    SPENT.append((round(time.monotonic() - at), point))
    return result


def waits(point):
    """Whether a relay that cannot be reached, or SQLite for a lock that it thinks is held by
    somebody, is waited for."""
    name, _, _, once = point
    return name in LOCKS or name in NETWORK and not once


def all_results(places, points):
    """Points that wait have lanes of their own, so that the others need not wait for them."""
    def lanes(of, some):
        results = []
        for result in side_by_side(of, timed, some):
            results.append(result)
            if result[3]:
                print(f"# {result[0]}: {result[3]}", flush=True)
        return results

    with concurrent.futures.ThreadPoolExecutor(2) as both:
        patient = both.submit(lanes, places[LANES:], list(filter(waits, points)))
        return lanes(places[:LANES], list(itertools.filterfalse(waits, points))) + patient.result()


def syscalls():
    places = [Place(WORK / str(lane), MEMBERS, relay=f"tls: none, max_connections: {CONNECTIONS}")
              for lane in range(LANES + WAITING)]
    calls = calls_of(places[0])
    points = list(all_points(calls)) if LONG else list(sample(calls))
    RANDOM.shuffle(points)
    points = points[::STRIDE]
    at, codes, uncertain, bad = time.monotonic(), Counter(), 0, []
    for point, code, doubt, faults in all_results(places, points):
        codes[code] += 1
        uncertain += doubt
        if faults:
            bad.append(f"{point}: {faults}")
    check(f"{len(points)} failures of {len(calls)} system calls: a clean end, no wrong state, "
          "and a resume completes", not bad, f"{len(bad)} did not", *bad[:30])
    note(f"{len(points)} points of {sum(map(len, calls.values()))} calls: exit codes "
         f"{dict(codes)}, {uncertain} uncertain, {time.monotonic() - at:.0f} s")
    note(f"the slowest: {sorted(SPENT)[-5:]}")
    for place in places:
        place.close()


def waits_for_nobody():
    """A folder takes all at once: a quarter of a second went by before the first message."""
    place = Place(WORK / "folder", MEMBERS, by="outbox")
    done = strace(place, "-e", "trace=poll,epoll_wait")
    waits = [line for line in (place.f.folder / "trace").read_text().splitlines()
             if re.search(r"poll.*, [1-9]\d*\) += 0", line)]
    equal("a campaign into a folder waits for nobody", (done.returncode, waits), (0, []),
          done.stderr)
    place.close()


bench.play(waits_for_nobody, syscalls)
