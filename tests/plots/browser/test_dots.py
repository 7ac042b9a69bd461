"""The browser's dot plots and matplotlib's have the same rows, texts and limits."""

import json

import numpy as np
import pytest

import kitchen as kt
from kitchen import plots
from kitchen.plots.browser.dots import paired_dots, ranking_dots, regret_dots
from kitchen.simulation.metrics import MEASURES

NAMES = ["discard newcomer", "random", "oldest", "lowest value"]


@pytest.fixture(scope="module")
def table():
    scenario = kt.Scenario.load("heater")
    return kt.compare(scenario, NAMES, replications=40, seed=3, bound=True)


def both(table, kind, measure):
    """A picture as the browser is sent it, and as matplotlib draws it."""
    if kind == "ranking":
        return ranking_dots(table.frame, measure), plots.ranking(table.frame, measure)
    if kind == "paired":
        return paired_dots(table.paired, measure), plots.paired(table.paired, measure)
    return regret_dots(table.regret), plots.regret(table.regret)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("kind", ["ranking", "paired", "regret"])
def test_the_picture_of_the_browser_shows_what_matplotlib_draws(table, kind, measure):
    dots, ax = both(table, kind, measure)
    data = json.loads(json.dumps(dots.as_data(), allow_nan=False))
    drawn = {}
    for line in ax.lines:
        if line.get_marker() == "o":
            hollow = line.get_markerfacecolor() == "white"
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
                drawn[int(y)] = (x, not hollow)
    rows = data["rows"]
    assert [(row["middle"], row["solid"]) for row in rows] == [drawn[n] for n in range(len(rows))]
    whiskers = [path.vertices[:, 0].tolist() for path in ax.collections[0].get_paths()]
    assert whiskers == [[row["low"], row["high"]] for row in rows if row["low"] is not None]
    assert ax.get_xlim() == tuple(data["limits"])
    assert ax.get_title(loc="left") == data["title"] and ax.get_xlabel() == data["axis"]
    texts = [text.get_text() for text in ax.texts]
    written = [row["texts"][nth] for nth in range(len(data["headers"])) for row in rows]
    assert sorted(texts) == sorted([*written, *filter(None, data["headers"])])
    labels = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert labels == [row["label"] for row in rows]


def test_money_stands_beside_the_differences_in_its_currency():
    table = kt.compare(kt.Scenario.load("friday"), NAMES, replications=10)
    data = paired_dots(table.paired, "lost_revenue_share", "EUR", "lost_revenue")
    money = table.paired[table.paired["measure"] == "lost_revenue"].set_index("strategy")
    for row in data.rows:
        assert row.texts[1] == f"{money.loc[row.name, 'difference']:+.2f}".replace("-", "\u2212")
    assert data.headers == ("points", "EUR")


def test_a_number_that_is_missing_is_sent_as_nothing(rush):
    table = kt.compare(rush.replace({"orders.count": 0}), NAMES[:2], replications=2)
    (row,) = paired_dots(table.paired).as_data()["rows"]
    assert row["middle"] is row["low"] is row["high"] is None and row["texts"] == ["no orders"]


def test_without_rows_the_plot_says_why(rush):
    alone = kt.compare(rush, ["random"], replications=2, min_strategies=1)
    plot = paired_dots(alone.paired, "moves")
    assert plot.empty == "one strategy: nothing to compare it with" and plot.rows == []


def test_names_stay_apart_however_long_they_are(rush):
    long = [kt.Strategy("random", name=f"{'x' * 80} {end}") for end in ("one", "two", "three")]
    table = kt.compare(rush, long, replications=3)
    labels = [row["label"] for row in ranking_dots(table.frame).as_data()["rows"]]
    assert len(set(labels)) == 3 and max(map(len, labels)) <= 48


def test_rows_are_made_without_matplotlib():
    import kitchen.plots.browser.dots as module

    assert not any(name.startswith("matplotlib") for name in vars(module))
    assert np.isfinite(
        module.limits(module.pd.DataFrame({"mean": [], "low": [], "high": []}), "mean")
    ).all()
