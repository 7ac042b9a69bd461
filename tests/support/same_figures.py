"""Not a test but a script: does a change leave every figure as it was, bit for bit?

`write` keeps the frames of `simulate`, `compare` and `sweep` of all shipped scenarios in a folder;
`compare` makes them again and tells which are not the same. The same file serves both checkouts::

    python tests/support/same_figures.py write FOLDER      # in the checkout before the change
    python tests/support/same_figures.py compare FOLDER    # in the checkout after it

The exit code is 1 if a frame differs. `RENAMED` lists the words that changed on the way: where a
change gives a column, measure or rule another name, add it there and nothing else.
"""

import sys
from pathlib import Path

import pandas as pd

import kitchen as kt

RENAMED = {
    "apart": "significant",
    "captured": "gap_closed",
    "longest to go": "latest pickup",
    "hopeless first": "expires before pickup",
    "least value per second of shelf": "lowest value per shelf second",
    "price at pickup": "lowest revenue at pickup",
    "protect the fragile": "slowest decaying",
    "largest gain at home": "least harmed",
}
SCENARIOS = ("classic", "steady", "heater", "rush", "dinner")
SETTINGS = {"warm_up_s": 3.0}


def strategies(scenario):
    known = kt.strategies()
    discards = list(known[known["decision"] == "discard"]["name"].unique())
    now = [kt.Strategy(rule, name=rule) for rule in discards]
    now.append(kt.Strategy("oldest", recall=None, discard_from="anywhere", name="stay"))
    now.append(
        kt.Strategy(
            "random",
            demote="slowest decaying"
            if "slowest decaying" in set(known["name"])
            else "protect the fragile",
            recall="largest gain",
            name="all",
        )
    )
    now.append(kt.Strategy("random", recall_when="blocked", name="lazy"))
    if scenario.expired_orders == "removed":
        now.append(kt.Strategy("oldest", issue="first in first out", name="pool"))
    return now


def frames():
    """Every frame by a name of its own."""
    for name in SCENARIOS:
        scenario = kt.Scenario.load(name)
        some = strategies(scenario)
        for strategy in some:
            run = kt.simulate(scenario, strategy, replications=3, seed=5, **SETTINGS)
            for frame in ("orders", "ledger", "shelves", "contents", "summary"):
                yield f"{name}-{strategy.name}-{frame}", getattr(run, frame)
        table = kt.compare(scenario, some, replications=20, seed=2, bound=name == "steady")
        yield f"{name}-compare", table.frame
        yield f"{name}-paired", table.paired
        if name == "steady":
            yield f"{name}-regret", table.regret
        grid = (
            {"shelves.overflow.capacity": [4, 8, 12]} if name != "heater" else {"eta": [1.0, 2.0]}
        )
        swept = kt.sweep(scenario, grid, some[:4], replications=10, seed=3)
        yield f"{name}-sweep", swept.frame


def plain(frame):
    """A frame with today's words, without categories."""
    now = frame.rename(columns=RENAMED).copy()
    for column in now.columns:
        if isinstance(now[column].dtype, pd.CategoricalDtype) or now[column].dtype == object:
            now[column] = now[column].astype(str)
        if pd.api.types.is_string_dtype(now[column].dtype):
            now[column] = now[column].replace(RENAMED)
    return now


def main(step, folder):
    """Write or compare; returns whether a frame differs."""
    folder = Path(folder)
    different = 0
    number = 0
    for name, frame in frames():
        number += 1
        path = folder / f"{RENAMED.get(name, name)}.pkl"
        for was, now in RENAMED.items():
            path = folder / path.name.replace(was, now)
        if step == "write":
            folder.mkdir(parents=True, exist_ok=True)
            plain(frame).to_pickle(path)
            continue
        try:
            now, was = plain(frame), pd.read_pickle(path)
            pd.testing.assert_frame_equal(now[list(was.columns)], was, check_exact=True)
        except (AssertionError, FileNotFoundError, KeyError) as error:
            different += 1
            print(f"{name}: {error}")
    print(
        f"{number} frames, {different} different"
        if step == "compare"
        else f"{number} frames written"
    )
    return different > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
