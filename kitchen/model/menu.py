"""Menus: the kinds of order from which a scenario draws, and their files."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, fields
from functools import cached_property, partial
from hashlib import sha256
from itertools import count
from math import isfinite
from numbers import Integral
from pathlib import Path

import numpy as np

from kitchen.errors import OrdersError, inline, listed, nearest, shown, unknown
from kitchen.io.csv_text import exposed, read_cells
from kitchen.io.read import Handed, as_file, read_json, read_parquet
from kitchen.utils.text import text_dtype
from kitchen.utils.validation import instance, is_finite, is_text

_log = logging.getLogger("kitchen")

COLUMNS = ("order_id", "name", "temp", "price", "shelf_life_s", "decay_rate")
OPTIONAL = {"order_id", "price"}
NEEDED = tuple(column for column in COLUMNS if column not in OPTIONAL)
TEXTS = {"order_id", "name", "temp"}

# The two generations of the public JSON format: their keys -> our column names.
FIRST = {
    "id": "order_id",
    "name": "name",
    "temp": "temp",
    "shelfLife": "shelf_life_s",
    "decayRate": "decay_rate",
}
SECOND = {
    "id": "order_id",
    "name": "name",
    "temp": "temp",
    "price": "price",
    "freshness": "shelf_life_s",
}

OURS = {column: column for column in COLUMNS}
"""Our own column names as keys of JSON."""

ALIASES = {key: ours for key, ours in {**FIRST, **SECOND}.items() if key != ours}
"""Keys of the JSON format, which tables may have for our names of columns."""

# Bounds of the numbers: a test, and the words of a message.
BOUNDS = {
    "shelf_life_s": (lambda number: number > 0, "a number of seconds above 0"),
    "decay_rate": (lambda number: number >= 0, "a number of at least 0"),
    "price": (lambda number: number >= 0, "a number of at least 0"),
}


@dataclass(frozen=True, eq=False)
class Menu:
    """A menu: the kinds of order that a scenario draws, one per element of each array.

    Attributes
    ----------
    order_id, name, temp : array of str, shape (orders,)
        Ids are unique; no name or temp is empty.
    price : array of float64, shape (orders,)
        >= 0.
    shelf_life_s : array of float64, shape (orders,)
        Seconds, > 0.
    decay_rate : array of float64, shape (orders,)
        >= 0.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> columns = {"name": ["Soup"], "temp": ["hot"], "shelf_life_s": [300.0], "decay_rate": [0.5]}
    >>> kt.Menu.from_frame(pd.DataFrame(columns)).price
    array([1.])
    """

    order_id: np.ndarray
    name: np.ndarray
    temp: np.ndarray
    price: np.ndarray
    shelf_life_s: np.ndarray
    decay_rate: np.ndarray

    def __len__(self):
        return len(self.name)

    @cached_property
    def temps(self) -> list[str]:
        """Each temp once, in the order of their first kinds."""
        return list(dict.fromkeys(map(str, self.temp)))

    def temp_codes(self, temps: list[str]) -> np.ndarray:
        """Index of each kind's temp among `temps`, int64, shape (orders,)."""
        return np.array([temps.index(temp) for temp in self.temps], np.int64)[self._temp_codes]

    @cached_property
    def _temp_codes(self) -> np.ndarray:
        code = {temp: i for i, temp in enumerate(self.temps)}
        return np.array([code[str(temp)] for temp in self.temp], np.int64)

    @classmethod
    def from_frame(cls, frame) -> Menu:
        """A menu from a DataFrame with the columns of `Menu.frame`, in any order.

        `price` (default 1.0), `order_id` ("1", "2", ...) and single ids are optional. The keys of
        the JSON format will do as names of columns too: see `read_orders`.

        Raises
        ------
        OrdersError
            If a column is missing or unknown, or a value is not valid; rows count from 0.
        """
        import pandas as pd

        instance("frame", frame, pd.DataFrame, "Read a file with kt.read_orders.", OrdersError)
        names = _our_columns("", list(frame.columns))
        columns = {}
        for name, ours in names.items():
            series = frame[name]
            gone = series.isna()
            columns[ours] = [None if g else v for v, g in zip(series.tolist(), gone, strict=True)]
        return _table(columns, names, lambda row, column: f"orders[{row}].{column}")

    def frame(self):
        """The menu as a DataFrame: order_id, name, temp, price, shelf_life_s, decay_rate."""
        import pandas as pd

        frame = pd.DataFrame({column: getattr(self, column) for column in COLUMNS})
        return frame.astype({column: text_dtype() for column in sorted(TEXTS)})

    def digest(self) -> str:
        """Digest of the content, independent of the file's name, in hexadecimal digits."""
        digest = sha256()
        for column in (self.order_id, self.name, self.temp):
            digest.update("\0".join(map(str, column)).encode())
        for column in (self.price, self.shelf_life_s, self.decay_rate):
            digest.update(column.tobytes())
        return digest.hexdigest()


def read_orders(path: str | Path | Handed) -> Menu:
    """Read a menu from a JSON, CSV or Parquet file, by its suffix.

    JSON is a list of orders, or {"orders": [...]}, in either generation of the public format.
    The first has {name, temp, shelfLife, decayRate}, an optional id, and gets the price 1.0. The
    second has {id, name, temp, price, freshness}: its freshness is the shelf life in seconds, and
    it gets the decay rate 1.0. CSV and Parquet have the columns of `Menu.frame`. The keys of JSON will
    do in tables too, and the names of columns in JSON. A menu without orders is read with a warning.

    Raises
    ------
    FileError
        If the file cannot be read or does not have the format of its suffix.
    OrdersError
        If an order is not valid; the message names its place, value and what is expected. Rows of
        a CSV file are numbered as in a spreadsheet, with the header as row 1; those of JSON and
        Parquet count from 0.

    Examples
    --------
    >>> from pathlib import Path
    >>> import kitchen as kt
    >>> _ = Path("soup.csv").write_text("name,temp,shelf_life_s,decay_rate\\nSoup,hot,300,0.5\\n")
    >>> len(kt.read_orders("soup.csv"))
    1
    """
    readers = {".json": _read_json, ".csv": _read_csv, ".parquet": _read_parquet}
    path = as_file(path, "a menu")
    suffix = path.suffix.lower()
    if suffix not in readers:
        raise OrdersError(
            f"{inline(path)}: the name of a file of orders ends in {', '.join(readers)}, "
            f"got {shown(suffix)}."
        )
    menu = readers[suffix](path)
    if not len(menu):
        _log.warning("%s: the menu has no orders, so nothing comes.", inline(path))
    return menu


def shipped_menu_path() -> Path:
    """Path of the shipped menu: inside the installed package, or `data` in the source."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package, package.parent):
        path = folder / "data" / "orders.json"
        if path.is_file():
            return path
    raise OrdersError("the shipped menu data/orders.json is missing. Install the package again.")


# --- One reader for each kind of file ----------------------------------------------------------


def _read_json(path) -> Menu:
    file, value = inline(path), read_json(path)
    if isinstance(value, dict):
        for key in value:
            if key != "orders":
                raise OrdersError(f"{file}: " + unknown("key", key, ["orders"]))
        value = value.get("orders", value)
    if not isinstance(value, list):
        raise OrdersError(
            f'{file}: must be a list of orders, or {{"orders": [...]}}, got {shown(value)}.'
        )
    for row, order in enumerate(value):
        if not isinstance(order, dict):
            raise OrdersError(f"{file}: orders[{row}]: must be an object, got {shown(order)}.")
    names = _generation(file, value)
    needed = set(names) if names is SECOND else set(names) - {"id", *OPTIONAL}
    if names is OURS:
        value = [_renamed(order, f"{file}: orders[{row}]") for row, order in enumerate(value)]
    for row, order in enumerate(value):
        where = f"{file}: orders[{row}]"
        for key in order:
            if key not in names:
                raise OrdersError(f"{where}: " + unknown("key", key, names))
        for key in names:
            if key in needed and key not in order:
                raise OrdersError(f"{where}.{key}: is missing. An order has {', '.join(names)}.")
            if key in order and order[key] is None:
                raise OrdersError(f"{where}.{key}: must have a value, got null.")
    columns = {ours: [order.get(key) for order in value] for key, ours in names.items()}
    if names is OURS and not any("price" in order for order in value):
        del columns["price"]
    keys = {ours: key for key, ours in names.items()}
    columns.setdefault("decay_rate", [1.0] * len(value))
    return _menu(columns, lambda row, column: f"{file}: orders[{row}].{keys[column]}")


def _generation(file, orders) -> dict:
    """Which of the two generations a list of orders is in; its keys and our names for them."""
    seen = {}
    for row, order in enumerate(orders):
        if "shelfLife" in order or "decayRate" in order:
            seen.setdefault("first", row)
        if "freshness" in order:
            seen.setdefault("second", row)
    if any(key in order for order in orders for key in ("order_id", "shelf_life_s", "decay_rate")):
        return OURS
    if len(seen) == 2:
        raise OrdersError(
            f"{file}: orders[{seen['first']}] is in the first generation of the format (shelfLife, "
            f"decayRate), orders[{seen['second']}] in the second (freshness). Use one for all."
        )
    if not seen:
        return SECOND if any("price" in order for order in orders) else FIRST
    return FIRST if "first" in seen else SECOND


def _renamed(order: dict, where: str) -> dict:
    """An order of JSON with our names for all of its keys."""
    renamed = {ALIASES.get(key, key): value for key, value in order.items()}
    if len(renamed) < len(order):
        twice = [key for key in order if ALIASES.get(key, key) in order and key in ALIASES]
        raise OrdersError(f"{where}: {twice[0]} and {ALIASES[twice[0]]} mean the same. Keep one.")
    return renamed


def _read_csv(path) -> Menu:
    file = inline(path)
    cells = read_cells(path, headed=partial(_check_header, file))
    header = [exposed(column) for column in cells.header]
    names = _our_columns(f"{file}: ", header)
    texts = [[exposed(cell or "") for cell in column.to_pylist()] for column in cells.columns]
    rows = [row for row, order in enumerate(zip(*texts, strict=True)) if any(map(str.strip, order))]
    columns = {}
    for column, every in zip(header, texts, strict=True):
        kept = [every[row] for row in rows]
        ours = names[column]
        columns[ours] = kept if ours in TEXTS else [_number(cell) for cell in kept]
    if "order_id" in columns:
        columns["order_id"] = [cell or None for cell in columns["order_id"]]
    return _table(columns, names, lambda row, column: f"{cells.where(rows[row])}, {column}")


def _check_header(file: str, header: list[str]) -> None:
    """Refuse a first row that holds an order in place of the names of columns."""
    if any(not isinstance(_number(cell), str) for cell in header):
        raise OrdersError(
            f"{file}: row 1: must have the names of the columns, {', '.join(NEEDED)}, got "
            f"{listed(map(shown, header[:6]))}. Put a row of names above it."
        )


def _number(cell: str):
    """A cell as a number where it is written as one; otherwise as it is, to be refused later."""
    if re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", cell):
        digits = cell.strip().lstrip("+-")
        if digits.isdecimal() and len(digits) < 16:
            return int(cell)  # a message shows 5, as the file has it, and not 5.0
        return float(cell) if isfinite(float(cell)) else cell
    return cell


def _read_parquet(path) -> Menu:
    file = inline(path)
    header, columns = read_parquet(path)
    names = _our_columns(f"{file}: ", header)
    renamed = {ours: columns[name] for name, ours in names.items()}
    return _table(renamed, names, lambda row, column: f"{file}: orders[{row}].{column}")


def _our_columns(where: str, header: list) -> dict:
    """The names of a table's columns -> ours; missing, unknown and repeated ones are refused."""
    names = {column: ALIASES.get(column, column) for column in header}
    for column in header:
        if header.count(column) > 1:
            raise OrdersError(
                f"{where}the column {inline(column)} is there twice. Keep one of them."
            )
    for column, ours in names.items():
        if list(names.values()).count(ours) > 1 and column in ALIASES:
            raise OrdersError(f"{where}the columns {column} and {ours} mean the same. Keep one.")
    optional = {*OPTIONAL, "decay_rate"} if "freshness" in names else OPTIONAL
    there = names.values()
    missing = [column for column in COLUMNS if column not in there and column not in optional]
    strange = [column for column in header if names[column] not in COLUMNS]
    misspelt = [column for column in strange if nearest(column, missing)]
    if missing and not misspelt:
        several = len(missing) > 1
        raise OrdersError(
            f"{where}the column{'s' if several else ''} {', '.join(missing)} "
            f"{'are' if several else 'is'} missing. There must be {', '.join(NEEDED)}. "
            f"There are: {listed(map(inline, header)) or 'none'}."
        )
    if strange:
        raise OrdersError(where + unknown("column", [*misspelt, *strange][0], COLUMNS))
    return names


def _table(columns: dict, names: dict, where) -> Menu:
    """A menu from the columns of a table, under our names; messages have the table's own names."""
    if "freshness" in names:
        columns.setdefault("decay_rate", [1.0] * len(columns["name"]))
    own = {ours: name for name, ours in names.items()}
    return _menu(columns, lambda row, column: where(row, own.get(column, column)))


# --- Checks of all readers ---------------------------------------------------------------------


def _menu(columns, where) -> Menu:
    """A menu from its columns, checked.

    Parameters
    ----------
    columns : dict of list
        Our names -> values as they were read; None is a missing id.
    where : function
        (index of the order, our name of the column) -> place of that value, for messages.
    """
    orders = len(columns["name"])
    columns = {"order_id": [None] * orders, "price": [1.0] * orders, **columns}
    checked = {"order_id": _ids(columns["order_id"], where)}
    for column in COLUMNS[1:]:
        check = _text if column in TEXTS else _checked_number
        checked[column] = [
            check(value, row, column, where) for row, value in enumerate(columns[column])
        ]
    arrays = {}
    for field in fields(Menu):
        kind = object if field.name in TEXTS else np.float64
        arrays[field.name] = np.empty(orders, dtype=kind)
        arrays[field.name][:] = checked[field.name]
        arrays[field.name].flags.writeable = False
    return Menu(**arrays)


def _ids(values, where) -> list[str]:
    """Ids as texts; an order without one gets its number, from 1."""
    given = {}
    for row, value in enumerate(values):
        if value is None:
            continue
        if isinstance(value, Integral) and not isinstance(value, bool | np.bool_):
            value = str(value)
        value = _text(value, row, "order_id", where)
        if value in given:
            first = where(given[value], "order_id").rpartition(": ")[2]  # without the file
            raise OrdersError(
                f"{where(row, 'order_id')}: must be an id of its own, got {shown(value)}, the "
                f"same as {first}."
            )
        given[value] = row
    taken = {row: value for value, row in given.items()}
    return [taken[row] if row in taken else _free(row + 1, given) for row in range(len(values))]


def _free(number, given) -> str:
    """A number as an id, with a suffix if another order has that id."""
    if str(number) not in given:
        return str(number)
    return next(text for k in count(2) if (text := f"{number}-{k}") not in given)


def _text(value, row, column, where) -> str:
    if not isinstance(value, str) or not value.strip():
        raise OrdersError(
            f"{where(row, column)}: must be a text that is not empty, got {_shown_value(value)}."
        )
    if not is_text(value):
        raise OrdersError(
            f"{where(row, column)}: must be text, got {shown(value)}, which holds half of a "
            "surrogate pair."
        )
    return str(value)


def _checked_number(value, row, column, where) -> float:
    fits, wanted = BOUNDS[column]
    if is_finite(value) and fits(number := float(value)):
        return number
    raise OrdersError(f"{where(row, column)}: must be {wanted}, got {_shown_value(value)}.")


def _shown_value(value) -> str:
    return "nothing" if value is None else shown(value)
