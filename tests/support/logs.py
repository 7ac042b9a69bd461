"""The sample log, and rows written as a file."""

import csv

from .paths import ROOT

SAMPLE = ROOT / "data" / "sample_log.csv"
MAPPING = ROOT / "data" / "sample_log.toml"


def write(rows, path, delimiter=",", encoding="utf-8"):
    """Rows of text as a CSV file."""
    with open(path, "w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
