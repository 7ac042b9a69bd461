"""`--format`: what a command prints as a table, as CSV or as JSON for other programs."""

from __future__ import annotations

FORMATS = ("table", "csv", "json")
PRINT_TABLES = (
    "report", "run", "compare", "sweep", "sensitivity", "size", "levers", "log", "scenarios", "strategies",
)  # fmt: skip
"""Commands that print a table."""


def add_format(commands) -> None:
    """Give the commands that print a table their option."""
    for name in PRINT_TABLES:
        commands.choices[name].add_argument(
            "--format",
            choices=FORMATS,
            default="table",
            help="print a table for people, or its figures alone as CSV or JSON (default: table)",
        )


def printed(args, text: str, frame) -> str:
    """What a command prints: its text, or the frame behind its table."""
    if args.format == "table":
        return text
    if args.format == "csv":
        from kitchen.io.csv_text import csv_bytes

        return csv_bytes(frame).decode().rstrip("\n")
    return frame.to_json(orient="records", double_precision=15, date_format="iso", indent=1)
