"""Writes a list of N contacts as CSV to standard output: import-rows.py [N [SEED]].

The same numbers give the same bytes. Addresses are in no order, one in a
thousand comes twice, names have accents, one row in fifty needs quotes.
"""

import random
import sys

GIVEN = ["Ana", "Zoé", "Noël", "Marie-Ève", "Jean", "Aïcha", "François", "Léa", "Hélène", "Paul",
         "Loïc", "Jürgen", "Inès", "Teva", "Moana", "Wamytan", "Céline", "Øyvind", "Agnès", "Luc"]
FAMILY = ["Martin", "Bernard", "Lefèvre", "Ruiz", "Nguyễn", "Garcia", "Müller", "Dupont", "Étienne",
          "Naisseline", "Poadja", "Wright", "O'Neil", "Besnard", "Château", "D'Angelo", "Rossi"]
TOWNS = ["Nouméa", "Dumbéa", "Paris", "Lyon", "Païta", "Genève", "Liège", "Koné", "Lifou",
         'Mont-Dore, "La Coulée"']
DOMAINS = ["example.org", "example.com", "example.net", "asso.example", "mail.example", "club.test"]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    draw = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20260301)
    pick = draw.random
    out = open(1, "w", encoding="utf-8", newline="", buffering=1 << 20, closefd=False)
    out.write("email,first name,last name,postcode,town,member\r\n")
    last = ""
    for n in range(count):
        if n % 1000 != 999:
            last = f"u{int(pick() * 36 ** 5):05d}.{n}@{DOMAINS[int(pick() * len(DOMAINS))]}"
        town = TOWNS[int(pick() * len(TOWNS))] if pick() < 0.2 else TOWNS[int(pick() * 9)]
        if "," in town:
            town = '"' + town.replace('"', '""') + '"'
        out.write(f"{last},{GIVEN[int(pick() * len(GIVEN))]},{FAMILY[int(pick() * len(FAMILY))]},"
                  f"{int(10000 + pick() * 89999)},{town},M{n:07d}\r\n")
    out.flush()


main()
