"""State of the page in its address: a link shares it, and a reload keeps it.

An address may carry only what the explorer has a control for. All of it is checked before anything is
set; what cannot be is refused in one line, and the page stays as it was.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from typing import Any
from urllib.parse import parse_qsl, urlencode

from traitlets import Unicode

from kitchen.errors import KitchenError, shown, unknown
from kitchen.model.strategy import Strategy
from kitchen.widgets.answer import AnyWidget
from kitchen.widgets.explorer import Explorer
from kitchen.widgets.explorer_controls import CHOICES, FIRST_TICKED, choices
from kitchen.widgets.explorer_state import MOST_OWN, SINGLE
from kitchen.widgets.sliders import Knob, knobs, turned
from kitchen.widgets.static_files import widget_module
from kitchen.widgets.typed import entries

LONGEST = 6_000
"""Letters of the longest query that is read: browsers and servers take about 8,000."""

SERVERS = ("token",)
"""Names that belong to the server and say nothing of the page's state."""

SEVERAL = ("strategy", "own")


class AddressBar(AnyWidget):
    """Writes the page's address in the browser, and copies it when its button is clicked.

    Attributes
    ----------
    query : str
        What stands behind the question mark.
    """

    _esm = widget_module("answer.css", "files.css", "draw.js", "address.js")
    query = Unicode("").tag(sync=True)


class AddressError(KitchenError):
    """An address with something that the page has no control for, or that no control takes."""


def written(explorer: Explorer) -> str:
    """The query of an explorer's state: only what differs from how the page opens.

    Examples
    --------
    >>> explorer = Explorer("rush", replications=10)
    >>> explorer.controls["arrivals.rate"].value = 12.0
    >>> explorer.wait(), written(explorer)
    (True, 'arrivals.rate=12')
    """
    control, base = explorer.controls, explorer._worlds[explorer.controls["scenario"].value]
    said: list[tuple[str, str]] = []
    for name in SINGLE:
        value = str(control[name].value)
        if value != explorer.opened[name]:
            said.append((name, value))
    ticked = explorer.ticked_names
    if ticked != explorer.opened["strategy"]:
        said += [("strategy", name) for name in ticked] or [("strategy", "")]
    said += [("own", _as_json(strategy)) for strategy in explorer.added.values()]
    before = explorer._overrides.before
    for knob in explorer._knobs:
        path = knob.paths[0]
        value = before.get(path, control[path].value)
        if value != knob.value:
            said.append((path, _text(value)))
    for name in CHOICES:
        value = before.get(name, control[name].value)
        if isinstance(value, str | float) and value != getattr(base, name):
            said.append((name, _text(value)))
    return urlencode(said)


def restore(explorer: Explorer, query: str) -> None:
    """Set an explorer to the state of a query; an empty one changes nothing.

    Raises
    ------
    AddressError
        If anything in it is unknown, twice, or beyond what its control takes; nothing is set then.
    """
    said = _read(query)
    if not said:
        return
    own = [_own(text) for text in said.pop("own", [])]
    for strategy in own:
        if strategy.name in explorer._offered and strategy.name not in explorer.added:
            raise AddressError(f"{WHERE}: a strategy {shown(strategy.name)} is there already.")
    names = [*explorer._offered, *(strategy.name for strategy in own)]
    world = said.pop("scenario", explorer.controls["scenario"].value)
    _known("scenario", world, list(explorer._worlds))
    chosen = said.pop("strategy", None)
    for name in [name for name in chosen or [] if name]:
        _known("strategy", name, names)
    if (today := said.get("today", FIRST_TICKED)) != FIRST_TICKED:
        _known("today", today, names)
    _check_settings(said.get("settings", ""))
    base = explorer._worlds[world]
    values = {name: _value(explorer, base, name, said[name]) for name in said if name != "settings"}
    typed = {entry.path: entry.value for entry in entries(said.get("settings", ""))}
    base.replace(_changes(base, values) | typed)
    explorer.take_state(world, own, chosen, values, said.get("settings", ""))


WHERE = "the address"


def _read(query: str) -> dict[str, Any]:
    """Names and texts of a query, each known and there once, or several times where it may be."""
    if len(query) > LONGEST:
        raise AddressError(
            f"{WHERE}: has {len(query):,} letters, and at most {LONGEST:,} are read."
        )
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=bool(query), errors="strict"
        )
    except (ValueError, UnicodeDecodeError):
        raise AddressError(
            f"{WHERE}: is no list of settings, as ?scenario=rush&seed=2 is, got {shown(query)}."
        ) from None
    said: dict[str, Any] = {}
    for name, text in pairs:
        if name in SERVERS:
            continue
        if name in SEVERAL:
            said.setdefault(name, []).append(text)
        elif name in said:
            raise AddressError(f"{WHERE}: {shown(name)} is there twice. Leave one out.")
        else:
            said[name] = text
    if len(said.get("own", [])) > MOST_OWN:
        raise AddressError(f"{WHERE}: has more than {MOST_OWN} strategies of one's own.")
    return said


def _known(what: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise AddressError(f"{WHERE}: {unknown(what, name, names)}")


def _own(text: str) -> Strategy:
    """A strategy of shipped rules, as the page writes it."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise AddressError(f"{WHERE}: own: is no strategy, got {shown(text)}.") from None
    return Strategy.from_dict(data, f"{WHERE}: own")


def _as_json(strategy: Strategy) -> str:
    """A strategy of shipped rules as short JSON, without what is the default."""
    defaults = tomllib.loads(Strategy().to_toml())["strategy"]
    words = tomllib.loads(strategy.to_toml())["strategy"]
    kept = {key: value for key, value in words.items() if value != defaults.get(key)}
    return json.dumps(kept or {"discard": words["discard"]}, separators=(",", ":"))


def _check_settings(text: str) -> None:
    """Refuse what no link may set: a file of the machine that serves the page."""
    for entry in entries(text):
        if re.split(r"[.\s\"']+", entry.path.strip("\"' "))[-1] == "file" or isinstance(
            entry.value, dict
        ):
            raise AddressError(
                f"{WHERE}: settings: {shown(entry.path)} cannot be set by a link. Type it on the page."
            )


def _value(explorer: Explorer, base, name: str, text: str):
    """The value of a control from its text, checked against what the control takes."""
    control = explorer.controls.get(name)
    if name in ("today", "seed"):
        if name == "seed" and not re.fullmatch(r"\d{1,18}", text):
            raise AddressError(f"{WHERE}: seed: must be a whole number, got {shown(text)}.")
        return text
    if name in ("measure", "view", "replications"):
        options = {str(option): option for option in _options(control)}
        _known(name, text, list(options))
        return options[text]
    if name in CHOICES:
        options = {_text(option): option for option in _options(choices(base)[name])}
        _known(name, text, list(options))
        return options[text]
    made = {knob.paths[0]: knob for knob in knobs(base)}
    if name not in made:
        raise AddressError(
            f"{WHERE}: {unknown('setting', name, [*SINGLE, *SEVERAL, *CHOICES, *made])}"
        )
    return _number(name, text, made[name])


def _options(control) -> list:
    """Values that a list offers."""
    given = control.options.items() if isinstance(control.options, dict) else control.options
    return [each[1] if isinstance(each, tuple) else each for each in given]


def _number(name: str, text: str, knob: Knob):
    """A knob's number, or its two numbers, within its ends."""
    parts = text.split(",")
    if len(parts) != (2 if isinstance(knob.value, tuple) else 1):
        raise AddressError(f"{WHERE}: {name}: must be {_wanted(knob)}, got {shown(text)}.")
    form = r"-?\d{1,15}" if knob.whole else r"-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?"
    if not all(re.fullmatch(form, part, re.ASCII) for part in parts):
        raise AddressError(f"{WHERE}: {name}: must be {_wanted(knob)}, got {shown(text)}.")
    numbers = [int(part) if knob.whole else float(part) for part in parts]
    if not all(math.isfinite(n) and knob.low <= n <= knob.high for n in numbers) or (
        numbers != sorted(numbers)
    ):
        raise AddressError(f"{WHERE}: {name}: must be {_wanted(knob)}, got {shown(text)}.")
    return tuple(numbers) if len(numbers) > 1 else numbers[0]


def _wanted(knob: Knob) -> str:
    kind = "a whole number" if knob.whole else "a number"
    kind = "two rising numbers" if isinstance(knob.value, tuple) else kind
    return f"{kind} from {knob.low:g} to {knob.high:g}"


def _changes(base, values: dict) -> dict:
    """What the values of knobs and choices change in a scenario."""
    made = turned(knobs(base), values)
    return made | {name: values[name] for name in CHOICES if name in values}


def _text(value) -> str:
    """A value as it stands in an address."""
    if isinstance(value, tuple):
        return ",".join(map(_text, value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)
