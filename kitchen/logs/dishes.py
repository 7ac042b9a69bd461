"""Dishes of a log: temps, prices, shelf lives and decay rates, from the log, a menu or defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from kitchen.errors import LogError, shown
from kitchen.logs.problems import Problems
from kitchen.logs.table import numbers_of
from kitchen.model.menu import Menu, read_orders
from kitchen.utils.formatting import span_text
from kitchen.utils.text import as_text
from kitchen.utils.validation import is_finite, is_number, number

DEFAULT_SHELF_LIFE = {"hot": 1800.0, "cold": 3600.0, "frozen": 1200.0, "room": 5400.0}
"""Shelf lives where nothing else says them, seconds; named in every verdict."""

DEFAULT_DECAY_RATE = 0.5
"""Decay rate where nothing else says it: the median of the shipped menu."""

WORDS = {
    "hot": "hot warm heated heiss heiß warmhalten chaud caliente caldo",
    "cold": "cold chilled chill cool fridge refrigerated kalt gekühlt froid frio frío freddo",
    "frozen": "frozen freezer deep-frozen tiefgekühlt tiefkühl gefroren congelé congelado surgelato",
    "room": "room ambient dry room-temperature",
}
"""Temp -> what logs call it, in lower case."""

TEMPS = {word: temp for temp, words in WORDS.items() for word in words.split()}


def menu_of(menu) -> Menu | None:
    """A menu from what `read_log` takes."""
    if menu is None or isinstance(menu, Menu):
        return menu
    return Menu.from_frame(menu) if isinstance(menu, pd.DataFrame) else read_orders(menu)


def join_dishes(
    frame: pd.DataFrame,
    menu: Menu | None,
    temps,
    shelf_life,
    decay_rate,
    problems: Problems,
    where: Callable,
) -> tuple[pd.DataFrame, list[str]]:
    """The orders with temp, price, shelf life and decay rate; also what was assumed.

    Raises
    ------
    LogError
        If a temp has no shelf life.
    """
    assumed: list[str] = []
    frame = frame.copy()
    kinds = _by_name(frame, menu)
    frame["temp"] = _temps(frame, kinds, temps, problems, assumed)
    if "name" in frame:
        frame["name"] = as_text(frame["name"]).fillna(frame["temp"])
    frame["price"] = _numbers(frame, "price", kinds, problems, at_least=0.0)
    if frame["price"].isna().all():
        frame["price"] = 1.0
    else:
        _fill_prices(frame, problems)
    lives = _table("shelf_life", shelf_life, above=0)
    frame["shelf_life_s"] = _numbers(frame, "shelf_life_s", kinds, problems, above=0.0)
    unknown = frame["shelf_life_s"].isna()
    if unknown.any():
        usual = {**({} if lives else DEFAULT_SHELF_LIFE), **lives}
        frame["shelf_life_s"] = frame["shelf_life_s"].fillna(
            frame["temp"].map(usual).astype("float64")
        )
        lack = frame["shelf_life_s"].isna()
        if lack.any():
            row, temp = frame["row"][lack].iloc[0], frame["temp"][lack].iloc[0]
            raise LogError(
                f"{where(row)}: temp {shown(temp)} has no shelf life. Give it, shelf_life="
                f"{{{temp!r}: seconds}}, or say what it is, temps={{{temp!r}: 'hot'}}."
            )
        if not lives:
            used = [t for t in DEFAULT_SHELF_LIFE if (frame["temp"][unknown] == t).any()]
            texts = (f"{t} {span_text(DEFAULT_SHELF_LIFE[t])}" for t in used)
            assumed.append(f"shelf lives are the defaults, {', '.join(texts)}")
    frame["decay_rate"] = _numbers(frame, "decay_rate", kinds, problems, at_least=0.0)
    unknown = frame["decay_rate"].isna()
    if unknown.any():
        frame["decay_rate"] = frame["decay_rate"].fillna(_decay(frame["temp"], decay_rate))
        if decay_rate is None:
            assumed.append(f"the decay rate is the default, {DEFAULT_DECAY_RATE:g}")
    return frame, assumed


def _by_name(frame, menu: Menu | None) -> pd.DataFrame | None:
    """The menu's entry of each order, by its name; None without a menu or names."""
    if menu is None:
        return None
    if "name" not in frame:
        raise LogError(
            "menu: the log has no names to join it by. Name them: columns={'name': ...}."
        )
    dishes = menu.frame()
    dishes.index = pd.Index(_key(dishes["name"]))
    names = _key(frame["name"])
    dishes = dishes.drop(columns="order_id").drop_duplicates()
    twice = dishes.index[dishes.index.duplicated() & dishes.index.isin(names)]
    if len(twice):
        raise LogError(
            f"menu: {shown(dishes.loc[twice[0], 'name'].iloc[0])} is there twice and not alike, so "
            "joining by name cannot tell which. Keep one."
        )
    dishes = dishes[~dishes.index.duplicated()]
    found = dishes.reindex(names.to_numpy())
    return found.set_axis(frame.index)


def _key(names: pd.Series) -> pd.Series:
    return as_text(names).str.strip().str.casefold()


def _temps(frame, kinds, temps, problems: Problems, assumed: list) -> pd.Series:
    own = _words(temps)
    if "temp" in frame:
        text = as_text(frame["temp"]).str.lower()
        found = text.map(
            {word: own.get(word, TEMPS.get(word, word)) for word in text.dropna().unique()}
        )
    else:
        found = as_text(pd.Series(np.nan, frame.index))
    if kinds is not None:
        found = found.fillna(kinds["temp"])
    if found.isna().all():
        but = "" if "name" in frame else ", unless `items` of trace() draws dishes from a menu"
        assumed.append(f"no column says the temp: all are hot{but}")
        return found.fillna("hot")
    gone = found.isna()
    if gone.any():
        usual = found.mode().iloc[0]
        if "name" in frame:
            counts = pd.DataFrame({"name": frame["name"], "temp": found}).dropna().value_counts()
            first = counts.reset_index().drop_duplicates("name").set_index("name")["temp"]
            found = found.fillna(frame["name"].map(first))
        done = f"as other orders of the dish, else {usual}"
        problems.add("temp: missing", frame["row"][gone], done)
        found = found.fillna(usual)
    return found


def _words(temps) -> dict[str, str]:
    if temps is None:
        return {}
    if not isinstance(temps, Mapping):
        raise LogError(f"temps: must be a table of texts and temps, got {shown(temps)}.")
    for word, temp in temps.items():
        if not isinstance(word, str) or not isinstance(temp, str) or not temp.strip():
            raise LogError(f"temps: must be a table of texts and temps, got {shown({word: temp})}.")
    return {word.strip().lower(): temp.strip() for word, temp in temps.items()}


def _numbers(frame, column: str, kinds, problems, at_least=None, above=None) -> pd.Series:
    """A column of numbers, completed from the menu; NaN where neither has one."""
    if column in frame:
        values = numbers_of(frame[column], bool(frame.attrs.get("decimal_comma")))
        bad = frame[column].notna() & ~(values >= at_least if above is None else values > above)
        bad |= np.isinf(values)
        if bad.any():
            example = frame[column][bad].iloc[0]
            problems.add(
                f"{column}: is no such number", frame["row"][bad], "taken as missing", example
            )
        values = values.mask(bad)
    else:
        values = pd.Series(np.nan, frame.index)
    return values if kinds is None else values.fillna(kinds[column])


def _fill_prices(frame, problems: Problems) -> None:
    gone = frame["price"].isna()
    usual = frame["price"].median()
    problems.add("price: missing", frame["row"][gone], f"{usual:g}, the median")
    frame["price"] = frame["price"].fillna(usual)


def _table(key: str, given, above=None, at_least=None) -> dict[str, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise LogError(f"{key}: must be a table of temps and numbers, got {shown(given)}.")
    for temp in given:
        if not isinstance(temp, str):
            raise LogError(f"{key}: must be a table of temps and numbers, got {shown(given)}.")
    bounds = {"above": above, "at_least": at_least}
    return {t: number(f"{key}: {t}", v, error=LogError, **bounds) for t, v in given.items()}


def _decay(temps: pd.Series, given) -> pd.Series:
    if given is None or (is_number(given) and is_finite(given)):
        rate = (
            DEFAULT_DECAY_RATE
            if given is None
            else number("decay_rate", given, at_least=0, error=LogError)
        )
        return pd.Series(rate, temps.index)
    if not isinstance(given, Mapping):
        raise LogError(
            f"decay_rate: must be a number, or a table of temps and numbers, got {shown(given)}."
        )
    rates = _table("decay_rate", given, at_least=0)
    found = temps.map(rates).astype("float64")
    if found.isna().any():
        raise LogError(f"decay_rate: there is none for temp {shown(temps[found.isna()].iloc[0])}.")
    return found
