"""Scenario: shelves, orders, arrivals and couriers, as a frozen model of its TOML file.

It holds numbers and names only; the engine encodes them.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union

from pydantic import Field, PlainValidator, ValidationError, model_validator

from kitchen.errors import ScenarioError, inline, listed, nearest, shown, unknown
from kitchen.io.read import read_toml
from kitchen.io.write import toml_text, write_text
from kitchen.model.arrivals import Piecewise, Poisson, Regular
from kitchen.model.decay import LAWS, as_law, law_name
from kitchen.model.demand import Couriers, Orders
from kitchen.model.shelf import Shelf
from kitchen.utils import html
from kitchen.utils.formatting import span_text
from kitchen.utils.schema import Several, Share, Strict, Text, explain, number_of
from kitchen.utils.validation import as_path, instance

SHIPPED = Path(__file__).parent / "scenarios"
"""Folder of the shipped scenarios."""

DEFAULT = "friday"
"""Name of the default scenario."""

_LEFT_OUT = (
    ("orders", "busy", 0.0),
    ("couriers", "slow", 0.0),
    ("couriers", "by_half_hour", ()),
    ("couriers", "delay_from", "received"),
)
"""Keys that a file leaves out where they have the usual value: table, key, value."""

_ADVICE = {
    "capacity": "Leave the shelf out to remove it.",
    "delay": "For example { distribution = 'uniform', low = 2.0, high = 6.0 }.",
}


def valid_eta(value):
    """Validate `eta`: "unknown", "exact" or a standard deviation, seconds."""
    if isinstance(value, str) and value in ("unknown", "exact"):
        return value
    return number_of(value, "'unknown', 'exact', or a number of seconds")


def _decay(value):
    """Validate a decay law: a name or a function."""
    try:
        as_law(value)
    except ScenarioError as error:
        raise ValueError(str(error).removeprefix("decay: ").rstrip(".")) from None
    return value


class Scenario(Strict):
    """A scenario: orders, arrivals, couriers, shelves and decay law of a kitchen.

    Make one from a file or a shipped name with `Scenario.load`, from a dict with
    ``Scenario.model_validate``, and a changed copy with `replace`.

    Attributes
    ----------
    name : str
    decay : str or callable
        A law's name, or a function of (age, weighted age, shelf life, decay rate).
    waste_below : float
        Value, in [0, 1], at or below which an order is expired.
    expired_orders : {"removed", "held"}
    eta : {"unknown", "exact"} or float
        Information about couriers; a number is the standard deviation of a noisy estimate, seconds.
    orders, arrivals, couriers, shelves
        As in a scenario file.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> rush.replace({"shelves.overflow.capacity": 20}).shelves[-1].capacity
    20
    """

    name: Text
    """Name of the scenario, for texts and files."""
    decay: Annotated[Any, PlainValidator(_decay)] = "linear"
    """Decay law: "linear", "weighted", "freshness", "exponential" or "cliff"; in Python also a
    function of (age, weighted age, shelf life, decay rate)."""
    waste_below: Share = 0.0
    """Value at or below which an order is expired."""
    expired_orders: Literal["removed", "held"] = "removed"
    """Whether an expired order leaves its shelf at once, or keeps its slot until its courier comes."""
    eta: Annotated[Any, PlainValidator(valid_eta)] = "unknown"
    """What rules know of the courier: "unknown" (the distribution only), "exact", or the standard
    deviation of a noisy estimate of the pickup, seconds."""
    orders: Orders = Orders()
    """The orders: their menu, number and preparation."""
    arrivals: Annotated[Union[Poisson, Regular, Piecewise], Field(discriminator="process")]  # noqa: UP007
    """When orders are received: one of three processes."""
    couriers: Couriers
    """When couriers come."""
    shelves: Several[Shelf] = Field(min_length=1)
    """The shelves, in order of preference: of those that hold an order's temp, the first is its
    home and the last its overflow."""

    @model_validator(mode="after")
    def _shelves_make_sense(self):
        names = [shelf.name for shelf in self.shelves]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"shelves: two shelves are named {shown(name)}")
        return self

    @model_validator(mode="after")
    def _arrivals_end(self):
        arrivals, orders = self.arrivals, self.orders
        if isinstance(arrivals, Piecewise) and orders.duration_s is None and not arrivals.rates[-1]:
            raise ValueError(
                "arrivals.rates: the last rate is 0, so a count of orders might never be reached; "
                "give orders.duration_s instead of orders.count"
            )
        if orders.busy and not arrivals.is_random:
            raise ValueError(
                "orders.busy: arrivals one by one at a fixed distance are never busier; use "
                "arrivals.process = 'poisson' or 'piecewise', or leave it out"
            )
        return self

    @classmethod
    def load(cls, source: str | Path) -> Scenario:
        """Load a shipped scenario by its name, or one from a TOML file.

        Parameters
        ----------
        source : str or path
            ``"rush"``, or a path that ends in ``.toml``. A menu that the file names is looked up in
            the file's folder, and then among the shipped ones.

        Raises
        ------
        ScenarioError
            If the file is not valid; the message names file, key, value and what is expected.
        FileError
            If the file cannot be read.
        """
        if isinstance(source, str) and source in cls.shipped():
            path = SHIPPED / f"{source}.toml"
        else:
            if not isinstance(source, (str, os.PathLike)):
                raise ScenarioError(f"a scenario goes by its name or path, got {shown(source)}.")
            path = as_path(source, "a scenario")
            if path.suffix != ".toml" and not os.path.exists(path):
                raise ScenarioError(
                    unknown("scenario", str(source), cls.shipped())
                    + " A file's name ends in .toml."
                )
        return cls.from_dict(read_toml(path), where=path.name, folder=path.parent)

    @classmethod
    def from_dict(cls, data: Mapping, where: str = "scenario", folder: Path | None = None):
        """A scenario from a mapping of keys and values; error messages begin with `where`.

        Raises
        ------
        ScenarioError
            If a key or value is not valid.
        """
        if not isinstance(data, Mapping):
            raise ScenarioError(f"{where}: must be a table of keys, got {shown(data)}.")
        data = dict(data)
        orders = data.get("orders")
        if isinstance(orders, dict) and orders.get("file") and isinstance(orders["file"], str):
            data["orders"] = {**orders, "file": _menu_path(orders["file"], folder)}
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ScenarioError(f"{where}: {explain(error, cls, _ADVICE)}") from None

    @classmethod
    def shipped(cls) -> list[str]:
        """Names of the scenarios that come with the package."""
        return sorted(path.stem for path in SHIPPED.glob("*.toml"))

    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """A copy of the scenario with some keys changed, validated as a whole.

        Parameters
        ----------
        changes : mapping
            Path -> value: ``{"arrivals.rate": 12, "shelves.overflow.capacity": 20}``. A shelf is
            named by its name or index; a name with a dot goes between quotes, as in TOML:
            ``'shelves."freezer no. 2".capacity'``. ``couriers.delay`` takes a whole distribution; a
            path can also name one of its numbers.

        Raises
        ------
        ScenarioError
            If there is no such path ("did you mean"), or the value is not valid.
        """
        if not isinstance(changes, Mapping):
            raise ScenarioError(
                f"changes: must be a dict of paths and values, got {shown(changes)}."
            )
        data = self.model_dump()
        for path, value in changes.items():
            _put(data, path, value)
        return type(self).from_dict(data, where=self.name)

    def to_toml(self, folder: str | os.PathLike | None = None) -> str:
        """The scenario as TOML text, which `load` reads back to an equal scenario.

        Keys without a value, modifiers of 1 and what makes no replication differ are left out.

        Parameters
        ----------
        folder : path, optional
            Folder of the file to be written.

        Raises
        ------
        ScenarioError
            If the decay law is a Python function, which a file cannot hold.

        Notes
        -----
        A shipped menu is written as its bare name, which `load` finds wherever `kitchen` is installed.
        Any other is written relative to `folder` if it is inside, so that both can be moved together,
        else with its full path.
        """
        if not isinstance(self.decay, str):
            raise ScenarioError(
                f"{inline(self.name)}: decay: a file names decay laws only, and "
                f"{shown(law_name(self.decay))} is a Python function. Replace it by one of "
                f"{', '.join(LAWS)}, or keep the scenario in a script."
            )
        data = self.model_dump()
        if self.orders.menu is not None:
            raise ScenarioError(
                f"{inline(self.name)}: orders.menu: a scenario's file cannot hold a menu. Fit.save writes "
                "both; else write the menu's frame() to a CSV file, name that in orders.file, and set "
                "orders.menu to None."
            )
        if self.orders.file is not None:
            data["orders"]["file"] = menu_as_written(self.orders.file, folder)
        for table, key, usual in (
            *_LEFT_OUT,
            *((shelf, "modifier", 1.0) for shelf in data["shelves"]),
        ):
            table = data[table] if isinstance(table, str) else table
            if table[key] == usual:
                del table[key]
        return toml_text(data)

    def save(self, path: str | os.PathLike) -> None:
        """Write the scenario to a TOML file that `load` reads; the file is replaced as a whole.

        Raises
        ------
        ScenarioError
            If the decay law is a function, or the file's name does not end in ``.toml``.
        FileError
            If the file cannot be written.
        """
        path = as_path(path, "a scenario's file")
        text = self.to_toml(path.parent)
        if path.suffix != ".toml":
            raise ScenarioError(f"{inline(path)}: the name of a scenario's file ends in .toml.")
        write_text(text, path)

    def shelves_of(self, temp: str) -> list[int]:
        """Indices of the shelves that hold `temp`, in order of preference."""
        return [i for i, shelf in enumerate(self.shelves) if shelf.takes(temp)]

    def named_temps(self) -> list[str]:
        """Temps named by shelves, in order of first appearance."""
        named = [t for shelf in self.shelves if shelf.holds != "any" for t in shelf.holds]
        return list(dict.fromkeys(named))

    def words(self) -> list[str]:
        """The scenario in sentences, a list of str."""
        return [*self.words_on_orders(), *map(_shelf_words, self.shelves), self._words_on_decay()]

    def _repr_html_(self) -> str:
        rows = [
            (html.name(shelf.name), f"{shelf.capacity:,}", _held(shelf), _pace(shelf.modifier))
            for shelf in self.shelves
        ]
        return html.block(
            html.heading("Scenario", self.name),
            html.bullets([*self.words_on_orders(), self._words_on_decay()]),
            html.table(("shelf", "slots", "for", "food ages there"), rows, "<><<"),
        )

    def words_on_orders(self) -> list[str]:
        """How orders and couriers come, in sentences."""
        return [
            *self.orders.words(self.arrivals.words()),
            f"{self.couriers.words()} {eta_words(self.eta)}",
        ]

    def _words_on_decay(self) -> str:
        formula = f": value = {LAWS[self.decay].formula}" if isinstance(self.decay, str) else ""
        held = self.expired_orders == "held"
        fate = "keeps its slot until its courier comes" if held else "leaves its shelf at once"
        return (
            f"Decay law {law_name(self.decay)}{formula}. An order whose value falls to "
            f"{self.waste_below:g} is waste and {fate}."
        )

    def __hash__(self):
        return hash((self.name, repr(self)))


def require_scenario(value) -> Scenario:
    """Validate that an argument is a scenario, and return it.

    Raises
    ------
    ScenarioError
        If it is anything else.
    """
    return instance(
        "scenario", value, Scenario, "Load one with Scenario.load.", error=ScenarioError
    )


def setting(text: str) -> tuple[str, Any]:
    """Parse PATH=VALUE into a path and its new value for `Scenario.replace`.

    The value is read as in a scenario file; a bare word is a string.

    Raises
    ------
    ScenarioError
        If there is no path or no value, or the value cannot be read.
    """
    found = re.match(r"""((?:"[^"]*"|'[^']*'|[^=])*)=(.*)""", text, re.DOTALL)
    path, value = map(str.strip, found.groups()) if found else ("", "")
    if not path or not value:
        raise ScenarioError(
            f"{shown(text)}: needs a path and a value, as in shelves.overflow.capacity=20."
        )
    try:
        read = tomllib.loads(f"value = {value}")
    except (ValueError, RecursionError):
        if value[0] in "\"'[{":
            raise ScenarioError(f"{shown(text)}: the value is no value of TOML.") from None
        return path, value
    return path, read["value"] if read.keys() == {"value"} else value


def menu_as_written(file: str, folder: str | os.PathLike | None = None) -> str:
    """Path of a menu as written to a file in `folder`; see `Scenario.to_toml`."""
    path, home = os.path.abspath(file), os.path.abspath(folder or ".")
    bare = os.path.basename(path)
    if path == os.path.abspath(SHIPPED / bare) and not os.path.exists(os.path.join(home, bare)):
        return bare
    inside = folder is not None and path.startswith(os.path.join(home, ""))
    return os.path.relpath(path, home) if inside else path


def _menu_path(file: str, folder: Path | None) -> str:
    """Path of a menu that a scenario in `folder` names: there, or else among the shipped ones."""
    file = os.path.expanduser(file)
    path = str(folder / file) if folder else file
    is_shipped = os.path.basename(file) == file and os.path.exists(SHIPPED / file)
    return str(SHIPPED / file) if is_shipped and not os.path.exists(path) else path


def _shelf_words(shelf: Shelf) -> str:
    return (
        f"Shelf {shelf.name}: {shelf.capacity:,} slots for {_held(shelf)}; "
        f"food ages there {_pace(shelf.modifier)}."
    )


def _held(shelf: Shelf) -> str:
    return "anything" if shelf.holds == "any" else " and ".join(shelf.holds)


def eta_words(eta) -> str:
    """What a kitchen knows of its couriers, in a sentence."""
    if eta == "unknown":
        return "When it will come is not known, only how long it takes on average."
    if eta == "exact":
        return "When it will come is known."
    return f"When it will come is known with a standard deviation of {span_text(eta)}."


def _pace(modifier) -> str:
    if isinstance(modifier, dict):
        return ", ".join(f"{_pace(m)} ({temp})" for temp, m in modifier.items())
    return "at its usual pace" if modifier == 1 else f"{modifier:g} times as fast"


def _put(data: dict, path: str, value) -> None:
    """Set the value at a dotted path in a dumped scenario, or refuse an unknown path."""
    here, steps = data, path_steps(str(path))
    for depth, step in enumerate(steps):
        last = depth == len(steps) - 1
        if isinstance(here, (list, tuple)):
            names = [shelf["name"] for shelf in here if isinstance(shelf, dict)]
            if step in names:
                index = names.index(step)
            elif step.isdecimal() and int(step) < len(here):
                index = int(step)
            else:
                raise ScenarioError(_no_path(path, steps[:depth], step, names))
            if last:
                raise ScenarioError(f"{path}: name a key of the shelf, such as {path}.capacity.")
            here[index] = here = dict(here[index])
        elif isinstance(here, dict):
            if step not in here:
                raise ScenarioError(_no_path(path, steps[:depth], step, list(here)))
            if last:
                here[step] = value
            else:
                inner = here[step]
                here[step] = here = (
                    list(inner)
                    if isinstance(inner, (list, tuple))
                    else dict(inner)
                    if isinstance(inner, dict)
                    else inner
                )
        else:
            raise ScenarioError(
                f"there is no {shown(path)}: {'.'.join(steps[:depth])} is a single value."
            )


def _no_path(path: str, before: list[str], step: str, options: list[str]) -> str:
    lead = "".join(f"{_quoted(b)}." for b in before)
    rest = path[len(".".join(before)) + 1 :] if before else path
    dotted = [option for option in options if "." in option and rest.startswith(option)]
    guess = dotted[0] if dotted else nearest(step, options)
    tail = rest[len(guess) :] if dotted else ""
    meant = f" Did you mean {shown(lead + _quoted(guess) + tail)}?" if guess else ""
    if dotted:
        meant += " A name with a dot goes between quotes."
    return f"there is no {shown(path)} in the scenario.{meant} There are: " + (
        listed(lead + _quoted(option) for option in options) + "."
    )


def path_steps(path: str) -> list[str]:
    """The steps of a dotted path; one between quotes may hold dots, as a key of TOML.

    Examples
    --------
    >>> path_steps('shelves."freezer no. 2".capacity')
    ['shelves', 'freezer no. 2', 'capacity']
    """
    steps, at = [], 0
    while True:
        found = re.compile(r"""("[^"]*"|'[^']*'|[^.]*)(\.|\Z)""").match(path, at)
        step, at = found[1], found.end()
        is_quoted = len(step) > 1 and step[0] in "\"'" and step[-1] == step[0]
        steps.append(step[1:-1] if is_quoted else step)
        if not found[2]:
            return steps


def _quoted(step: str) -> str:
    """A step of a path as it is written there."""
    if "." not in step:
        return inline(step)
    return f"'{step}'" if '"' in step else f'"{step}"'
