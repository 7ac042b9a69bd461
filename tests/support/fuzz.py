"""Builders of hostile input: command lines, and the files that they name.

A case is a valid start (a shipped scenario, a strategy, a study, a menu) with a few faults: a value
of another type or size, a key too many or too few, damaged text. Sizes of honest work are small, so
that each case takes milliseconds; sizes beyond all bounds must be refused.
"""

import json
import tomllib
from copy import deepcopy

from hypothesis import strategies as st

from kitchen.io.write import toml_text
from kitchen.model.scenario import SHIPPED, Scenario
from kitchen.model.strategy import strategies

SCENARIOS = ["rush", "steady", "classic", "heater"]
"""Shipped scenarios whose replications are short."""

FILES = ["a.toml", "s.toml", "study.toml", "map.toml", "m.json", "m.csv", "m.parquet", "log.csv"]
"""Names of the files of a case: a scenario, a strategy, a study, a mapping, menus, an order log."""

RULES = strategies()["name"].unique().tolist()

WORDS = [
    *(
        "mean",
        "Did you mean 'held'?",
        "nan",
        "inf",
        "-0.0",
        "null",
        "true",
        "",
        " ",
        "=1+1",
        "'",
        '"',
    ),
    *("hot", "any", "held", "weighted", "random", "in order", "matched", "none", "overflow", "a.b"),
    *(
        "\u202e",
        "a\nb",
        "\x1b[31m",
        "é",
        "x" * 3000,
        "../..",
        "s.toml",
        "\ufeff",
        "a,b",
        "a;b",
        "1,5",
    ),
]
NUMBERS = [
    *(
        0,
        1,
        -1,
        2,
        3,
        0.5,
        -0.5,
        1e-300,
        5e-324,
        1e300,
        1.7e308,
        2**31,
        2**53,
        2**63,
        2**64,
        10**400,
    ),
    *(float("nan"), float("inf"), float("-inf"), 0.30000000000000004, 1e18),
]
odd = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.booleans(),
    st.sampled_from(
        [[], {}, [[]], [1, "a"], {"low": 1}, {"distribution": "uniform"}, [{}], [0.0] * 40]
    ),
    st.just({"distribution": "uniform", "low": 3, "high": 1}),
    st.just({"distribution": "constant", "value": 4.0}),
)
"""A value that may stand anywhere."""


def paths_of(data, path=()):
    """Every place in a nest of dicts and lists."""
    inner = (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    )
    for key, value in inner:
        yield (*path, key)
        yield from paths_of(value, (*path, key))


@st.composite
def changed(draw, data, most=3):
    """`data` with up to `most` places changed, added or removed."""
    data = deepcopy(data)
    for _ in range(draw(st.integers(0, most))):
        places = list(paths_of(data))
        if not places:
            break
        *parents, key = draw(st.sampled_from(places))
        here = data
        for step in parents:
            here = here[step]
        kind = draw(st.sampled_from(["set", "set", "set", "remove", "add", "double"]))
        if kind == "set":
            here[key] = deepcopy(draw(odd))
        elif kind == "remove":
            del here[key]
        elif isinstance(here, dict):
            here[draw(st.sampled_from(WORDS)) or "k"] = deepcopy(draw(odd))
        else:
            here.append(deepcopy(draw(odd) if kind == "add" else here[key]))
    return data


def toml_of(data):
    """TOML text where the data have one; else something close to it."""
    try:
        return toml_text(data)
    except Exception:
        return "\n".join(f"{key} = {json.dumps(value)}" for key, value in data.items())


@st.composite
def damaged(draw, text):
    """The bytes of a text, seldom cut, repeated, or with strange bytes in them."""
    data = text.encode("utf-8", "surrogatepass")
    kind = draw(st.sampled_from(["whole"] * 12 + ["cut", "byte", "bom", "twice", "deep"]))
    at = draw(st.integers(0, max(len(data), 1)))
    if kind == "cut":
        return data[:at]
    if kind == "byte":
        return (
            data[:at]
            + draw(st.sampled_from([b"\0", b"\xff", b"\xc3", b"\r", b"\\ud800"]))
            + data[at:]
        )
    if kind == "bom":
        return b"\xef\xbb\xbf" + data
    if kind == "twice":
        return data + data
    return data[:at] + b"[" * 20_000 + data[at:] if kind == "deep" else data


DISHES = [
    {"name": "Soup", "temp": "hot", "shelfLife": 300, "decayRate": 0.5},
    {"name": "Salad", "temp": "cold", "shelfLife": 200, "decayRate": 0.3},
    {"name": "Ice", "temp": "frozen", "shelfLife": 20, "decayRate": 0.63},
]
SECOND = [{"id": "1", "name": "Soup", "temp": "hot", "price": 9.5, "freshness": 300}]
CELLS = [
    ["name", "temp", "shelf_life_s", "decay_rate", "price", "order_id"],
    ["Soup", "hot", "300", "0.5", "9.5", "a"],
    ["Salad", "cold", "200", "0.3", "8", "b"],
]


@st.composite
def menus_as_json(draw):
    data = draw(st.sampled_from([DISHES, SECOND, {"orders": DISHES}]))
    return draw(damaged(json.dumps(draw(changed(data)), ensure_ascii=draw(st.booleans()))))


@st.composite
def menus_as_csv(draw):
    rows = draw(changed(CELLS))
    separator = draw(st.sampled_from([",", ",", ",", ";", "\t"]))
    lines = [separator.join(map(str, row)) if isinstance(row, list) else str(row) for row in rows]
    text = draw(st.sampled_from(["", "", "sep=,\n"])) + "\n".join(lines) + "\n"
    return draw(damaged(text))


LOG = [
    ["Order No", "Placed at", "Dish", "Storage", "Price", "Collected at", "Status"],
    *(
        [str(k), f"2025-10-{day}T18:{k:02}:10+01:00", "Soup", ("Hot", "Chilled")[k % 2], "9.50",
         f"2025-10-{day}T18:{k + 11:02}:40+01:00", ("delivered", "cancelled")[k % 7 == 6]]
        for day in (13, 14, 15, 16)
        for k in range(8)
    ),
]  # fmt: skip
"""An order log of four evenings."""

LOG_CELLS = [
    *(
        "13/10/2025 18:05",
        "10/11/2025 18:05",
        "2025-10-26 01:30",
        "18:05",
        "6:05 p.m.",
        "1760378400",
    ),
    *(
        "2025-10-13 18:05 CEST",
        "Mon, 13 Oct 2025 18:05:00 GMT",
        "9999-12-31T00:00:00Z",
        "0001-01-01",
    ),
    *("1.234,50 €", "N/A", "1e400", "99:99", "2025-13-45T27:61:00Z", "12 min", "storniert"),
]
"""What may stand in any cell of a log."""


@st.composite
def logs(draw):
    rows = draw(changed(LOG))
    lines = [list(row) if isinstance(row, list) else [row] for row in rows]
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.sampled_from(lines)) if lines else []
        if row:
            row[draw(st.integers(0, len(row) - 1))] = draw(st.sampled_from(LOG_CELLS))
    if draw(st.booleans()) and draw(st.booleans()) and len(lines) > 1:
        column, text = draw(st.integers(0, 6)), draw(st.sampled_from(LOG_CELLS))
        for row in lines[1:]:
            row[column : column + 1] = [text]
    separator = draw(st.sampled_from([",", ",", ";", "\t", "|"]))
    return draw(damaged("\n".join(separator.join(map(str, row)) for row in lines) + "\n"))


@st.composite
def mappings(draw):
    data = {
        "tz": "Europe/London",
        "day_begins": "14:00",
        "between": ["17:00", "23:00"],
        "columns": {"received": "Placed at", "pickup": "Collected at"},
        "units": {"pickup": "min"},
        "temps": {"Chilled": "cold"},
        "shelf_life": {"hot": 1800, "cold": 3600},
        "decay_rate": 0.5,
        "max_delay": "4h",
        "cancelled": ["cancelled"],
        "menu": draw(st.sampled_from(["m.csv", "m.json", "gone.csv"])),
    }
    kept = {key: data[key] for key in data if draw(st.booleans())}
    return draw(damaged(toml_of(draw(changed(kept, 2)))))


@st.composite
def scenarios(draw):
    name = draw(st.sampled_from(SCENARIOS))
    data = tomllib.loads((SHIPPED / f"{name}.toml").read_text("utf-8"))
    data["orders"]["file"] = draw(
        st.sampled_from(["m.json", "m.json", "m.csv", "m.csv", "m.parquet"])
    )
    return draw(damaged(toml_of(draw(changed(data)))))


@st.composite
def strategy_files(draw):
    data = {"strategy": {"discard": draw(st.sampled_from(RULES)), "recall": "first in"}}
    for key in ("demote", "issue", "recall_when", "discard_from", "name"):
        if draw(st.booleans()):
            data["strategy"][key] = draw(st.one_of(st.sampled_from(RULES), st.sampled_from(WORDS)))
    return draw(damaged(toml_of(draw(changed(data, 2)))))


@st.composite
def studies(draw):
    data = {
        "scenario": draw(st.sampled_from(["rush", "a.toml", "rus", "steady"])),
        "strategies": ["random", draw(st.sampled_from(["oldest", "s.toml", "oldst"]))],
        "replications": 2,
        "seed": 1,
        "design": draw(
            st.sampled_from(
                [
                    {"kind": "grid", "ranges": {"arrivals.rate": [8, 10]}},
                    {"ranges": {"shelves.overflow.capacity": {"low": 2, "high": 5}}},
                    {
                        "kind": "latin hypercube",
                        "n": 3,
                        "ranges": {"arrivals.rate": {"low": 1, "high": 9}},
                    },
                ]
            )
        ),
        "sensitivity": {"ranges": {"arrivals.rate": {"low": 1, "high": 9}}, "n": 8},
    }
    return draw(damaged(toml_of(draw(changed(data, 2)))))


def setting_paths():
    """Every path of a shipped scenario, and some that it has not."""
    data = Scenario.load("rush").model_dump()
    dotted = [".".join(map(str, path)) for path in paths_of(data)]
    named = [f"shelves.{name}.capacity" for name in ("hot", "overflow", "hto")]
    return [*dotted, *named, "", ".", "..", "a.b", "shelves.99.capacity", "shelves.hot"]


PATHS = setting_paths()


@st.composite
def options(draw, name):
    """Command-line words of one option."""
    small = st.sampled_from(["1", "2", "3", "0", "-1", "2.5", "many", "1e3", "", "nan", "9" * 30])
    values = {
        "--replications": small,
        "--seed": st.one_of(small, st.sampled_from(["True", str(2**70)])),
        "--threads": small,
        "--step": st.sampled_from(["1", "0", "-1", "0.5", "nan", "inf", "1e-300", "x"]),
        "--format": st.sampled_from(["csv", "parquet", "xls", ""]),
        "--out": st.sampled_from(["out", "a/b", ".", "", "m.csv", "m.csv/x", "\0", "x" * 300, "é"]),
        "--orders": st.sampled_from(
            ["m.json", "m.csv", "m.parquet", "gone.json", "m.txt", ".", ""]
        ),
        "--strategies": st.lists(
            st.sampled_from([*RULES, "s.toml", "gone.toml", "", " ", "oldst", "x" * 900]),
            max_size=3,
        ).map(", ".join),
        "--set": st.builds(
            lambda path, value: (
                f"{path}={json.dumps(value) if isinstance(value, (dict, list)) else value}"
            ),
            st.sampled_from(PATHS),
            odd,
        ),
        "--baseline": st.sampled_from(["random", "oldest", "nobody", ""]),
        "--precision": st.sampled_from(["50%", "0.9", "0", "1", "-1", "x", "nan%", "100%"]),
        "--part": st.sampled_from(
            ["1/1", "1/2", "2/2", "0/2", "3/2", "1", "x/y", "", f"1/{'9' * 30}"]
        ),
        "--target": st.sampled_from(["90%", "0.9", "0", "1", "-1", "x", "nan"]),
        "--measure": st.sampled_from(["wasted_share", "lost_per_order", "wasted", "strategy", ""]),
        "--learned": st.sampled_from(["s.toml", "oldest", "gone.toml", "", "x" * 900]),
        "--bound-replications": st.sampled_from(["0", "1", "-1", "many", ""]),
        "--shelf": st.sampled_from(
            ["hot=9:10", "hot=1:0", "hot=0:4:0", "hto=1:2", "=", "hot=a:b", "hot=1"]
        ),
        "--cost": st.sampled_from(["hot=2", "hot=-1", "hot=nan", "hot", "=3", "hto=1", "hot=inf"]),
        "--max-replications": small,
        "--workers": small,
        "--executor": st.sampled_from(["threads", "serial", "proceses", ""]),
        "--dask": st.sampled_from(["nowhere", "", "x y"]),
        "--kitchen": st.sampled_from(["a.toml", "rush", "friday", "gone.toml", ""]),
        "--log": st.sampled_from(["log.csv", "log.csv", "m.csv", "gone.csv", ".", "", "a.toml"]),
        "--mapping": st.sampled_from(["map.toml", "map.toml", "gone.toml", "a.toml", "", "."]),
        "--column": st.sampled_from(
            [
                "received=Placed at",
                "received=",
                "pickup=Placed at",
                "price=Price",
                "=x",
                "x",
                "temp=é",
            ]
            + ["received=Placed at+Dish", "pickup=Placed at+Collected at", "received=a+b+c"]
        ),
        "--tz": st.sampled_from(["Europe/London", "UTC", "Mars", "", "../etc", "x" * 900, "\0"]),
        "--store": st.sampled_from(["North", "", "x" * 900]),
        "--day-begins": st.sampled_from(["14:00", "00:00", "24:00", "x", "", "-1:00"]),
        "--between": st.sampled_from(["17:00-23:00", "17:00", "23:00-02:00", "-", "", "a-b"]),
    }
    flags = {"--raw", "--bound", "--force", "--quiet", "--nonsense", "--help", "--merge"}
    return [name] if name in flags else [name, draw(values[name])]


COMMON = [
    "--set",
    "--set",
    "--orders",
    "--strategies",
    "--seed",
    "--threads",
    "--quiet",
]
READING = ["--mapping", "--mapping", "--column", "--tz", "--store", "--day-begins", "--between"]
OPTIONS = {
    "log": [*READING, "--out", "--force", "--quiet"],
    "fit": [*READING, "--kitchen", "--set", "--out", "--force"],
    "run": [*COMMON, "--out"],
    "compare": [*COMMON, "--out", "--baseline", "--precision", "--force", "--log", *READING],
    "export": [*COMMON, "--out", "--step", "--format", "--raw", "--force"],
    "size": [*COMMON, "--shelf", "--cost", "--target", "--measure", "--max-replications"],
    "levers": [*COMMON, "--measure", "--learned", "--bound-replications", "--out", "--force"],
    "scenarios": ["--set", "--set", "--orders"],
    "sweep": ["--out", "--workers", "--executor", "--dask", "--part", "--merge"],
    "sensitivity": ["--out", "--workers", "--executor", "--dask"],
    "strategies": ["--quiet", "--help", "--nonsense"],
}
"""Options of each command."""


@st.composite
def cases(draw):
    """A command line, and the bytes of the files it may read."""
    command = draw(st.sampled_from(list(OPTIONS)))
    argv = [command]
    if command in ("sweep", "sensitivity"):
        argv.append(draw(st.sampled_from(["study.toml"] * 20 + ["gone.toml", ".", "m.csv"])))
    elif command in ("log", "fit"):
        argv.append(
            draw(st.sampled_from(["log.csv"] * 20 + ["m.csv", "gone.csv", ".", "a.toml", ""]))
        )
    elif command != "strategies":
        names = ["a.toml"] * 20 + ["rush"] * 12 + ["rsh", "gone.toml", ".", "m.csv", "", "s.toml"]
        argv.append(draw(st.sampled_from(names)))
    if command in ("run", "compare", "export", "levers"):
        argv += ["--replications", "2"]
    if command == "levers":
        argv += ["--bound-replications", "0"]
    if command == "size":
        argv += ["--replications", "2", "--max-replications", "4", "--shelf", "overflow=14:15"]
        argv += ["--target", "90%"]
    if command == "compare":
        argv += ["--strategies", "random,oldest"]
    for name in draw(st.lists(st.sampled_from(OPTIONS[command]), max_size=3)):
        argv += draw(options(name))
    files = {
        "a.toml": draw(scenarios()),
        "s.toml": draw(strategy_files()),
        "study.toml": draw(studies()),
        "map.toml": draw(mappings()),
        "log.csv": draw(logs()),
        "m.json": draw(menus_as_json()),
        "m.csv": draw(menus_as_csv()),
        "m.parquet": draw(st.sampled_from([b"", b"PAR1", b"PAR1" * 9])),
    }
    named = {name for name in FILES if name in " ".join(argv)}
    inside = {n for name in named for n in FILES if n.encode() in files[name]}
    deeper = {n for name in inside for n in FILES if n.encode() in files[name]}
    return argv, {name: files[name] for name in sorted(named | inside | deeper)}
