"""Was a quota exceeded? Judged from what the relay wrote down, and from nothing else.

judge.py LOG COUNT/SECONDS…

LOG has a line {"at": NANOSECONDS, "n": RECIPIENTS} for each message accepted. A window is
exceeded when more than COUNT recipients were accepted within SECONDS, wherever it begins, both
ends counted. Prints each one and exits with 1 when there are some."""
import json
import sys


def exceeded(accepted, count, length):
    """(at, n) in any order, length in ns: the moments at which a window ends that holds more
    than count, and how many it holds."""
    accepted = sorted(accepted)
    found, first, inside = [], 0, 0
    for at, n in accepted:
        inside += n
        while at - accepted[first][0] > length:
            inside -= accepted[first][1]
            first += 1
        if inside > count:
            found.append((at, inside))
    return found


def use(accepted, windows):
    """How well the quotas were used: (needed, taken), the sums over all recipients but the first
    ones. A slot is needed for the length of its window, from the moment its recipient was
    accepted; it is taken until the end of the message that has it next comes in. What the
    relay then thinks about it is no sender's to shorten. accepted: (at, n, came)."""
    times = sorted((at, came) for at, n, came in accepted for _ in range(n))
    needed = taken = 0
    for i, (_, came) in enumerate(times):
        free = [(times[i - count][0] + length, length) for count, length in windows if i >= count]
        if free:
            at, length = max(free)
            needed += length
            taken += length + max(0, came - at)
    return needed, taken


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        accepted = [(line["at"], line["n"]) for line in map(json.loads, file)]
    bad = 0
    for window in sys.argv[2:]:
        count, _, seconds = window.partition("/")
        for at, inside in exceeded(accepted, int(count), int(float(seconds) * 1e9)):
            print(f"{window}: {inside} within the window that ends at {at}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
