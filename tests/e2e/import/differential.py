"""differential.py PROGRAM DIR COUNT SEED: our CSV reader against Python's.

PROGRAM DELIMITER FILE... prints what it reads; see tests/unit/import/test_csv.c.
Where Python is more patient than we are (a quote that nothing closes) we must
have said so instead.
"""

import csv
import io
import random
import subprocess
import sys

BATCH = 200
DELIMITERS = ",;\t|"
PIECES = ['"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", "a", "bc", " ", "é", "😀", '"a"',
          '"a,b;c"', '"x\r\ny"', '"""q"""', "'", "\\", "=1+1"]
MARK = "end-of-file-mark"


def random_file(draw, delimiter):
    """Half of the files are noise, half are well-formed but awkward."""
    if draw.random() < 0.5:
        return "".join(draw.choices(PIECES, k=draw.randrange(40)))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter,
                        quoting=draw.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
                        lineterminator=draw.choice(["\n", "\r\n", "\r"]))
    width = draw.randrange(1, 6)
    for _ in range(draw.randrange(12)):
        writer.writerow("".join(draw.choices(PIECES, k=draw.randrange(5))) for _ in range(width))
    return out.getvalue()


def read(text, delimiter):
    lines = io.StringIO(text, newline="")
    return [row for row in csv.reader(lines, delimiter=delimiter) if row]


def expected(text, delimiter):
    """The records, and whether the file ends within quotes."""
    marked = read(text + "\n" + MARK + "\n", delimiter)
    open_quote = marked[-1] != [MARK]
    return (None if open_quote else read(text, delimiter)), open_quote


def ours(program, delimiter, paths):
    out = subprocess.run([program, delimiter, *paths], check=True, capture_output=True).stdout
    at = 0
    files = []

    def line():
        nonlocal at
        end = out.index(b"\n", at)
        text, at = out[at:end], end + 1
        return text

    while at < len(out):
        word = line()
        if word == b"F":
            files.append([[], False])
        elif word == b"E":
            files[-1][1] = True
        else:
            row = []
            for _ in range(int(word[2:])):
                size = int(line())
                row.append(out[at:at + size].decode())
                at += size + 1
            files[-1][0].append(row)
    return files


def main():
    program, folder, count, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    draw = random.Random(seed)
    records = refused = 0
    done = 0
    while done < count:
        delimiter = draw.choice(DELIMITERS)
        texts = [random_file(draw, delimiter) for _ in range(min(BATCH, count - done))]
        paths = [f"{folder}/{n}.csv" for n in range(len(texts))]
        for path, text in zip(paths, texts):
            with open(path, "w", encoding="utf-8", newline="") as out:
                out.write(text)
        results = ours(program, delimiter, paths)
        if len(results) != len(texts):
            sys.exit(f"{len(results)} of {len(texts)} files came back")
        for text, (rows, failed) in zip(texts, results):
            want, open_quote = expected(text, delimiter)
            if failed != open_quote or (want is not None and rows != want):
                print(f"file {text!r}, delimiter {delimiter!r}")
                print(f"Python: {want}, open quote: {open_quote}")
                print(f"ours:   {rows}, refused: {failed}")
                sys.exit("our CSV reader and Python's differ")
            records += len(rows)
            refused += failed
        done += len(texts)
    print(f"{count} CSV files read as Python reads them: {records} records, "
          f"{refused} files refused for an open quote")


main()
