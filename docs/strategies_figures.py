"""The figures of docs/strategies.md: computed, put into the page, and its claims checked.

`python docs/strategies_figures.py` fills the tables and the sentences below;
a sentence that is no longer on the page, or a claim that no longer holds, ends it with one line.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

import kitchen as kt

PAGE = Path(__file__).resolve().parent / "strategies.md"
REPLICATIONS, SEED, SEED_OF_CHOICE = 500, 1, 2
BUSY = 1.5
"""How many times as many orders come in the busy `dinner`."""

LOST, COST, MONEY = "lost_per_order", "waste_cost", "lost_revenue_share"
DEFAULT = "discard newcomer"
FIGURE = r"([-+]?\d[\d,]*(?:\.\d+)?(?:\s+±\s+\d[\d.]*)?)"
EARLIER = "overflow+newcomer", "anywhere"


class Difference(float):
    """A difference to the baseline and half of its 95 % interval; in percentage points if a share."""

    half: float
    low: float
    high: float

    def __str__(self) -> str:
        if self.half != self.half:  # too few replications differ for an interval
            return f"{self:+.2f}" if round(self, 2) else "0"
        return "0" if self == self.low == self.high == 0 else f"{self:+.2f} ± {self.half:.2f}"

    @property
    def bare(self) -> str:
        """Without its sign and interval."""
        return f"{abs(self):.2f}"


@cache
def scenario(name: str, eta: str = "unknown") -> kt.Scenario:
    """A shipped scenario, or the busy `dinner`, without or with courier information."""
    made = kt.Scenario.load(name.removeprefix("busy ")).replace({"eta": eta})
    if name.startswith("busy "):
        made = made.replace({"arrivals.rates": [BUSY * rate for rate in made.arrivals.rates]})
    return made


def strategy(discard: str = DEFAULT, **more) -> kt.Strategy:
    """A strategy whose name tells all of its decisions."""
    name = ", ".join([discard, *(f"{key} {value}" for key, value in more.items())])
    return kt.Strategy(discard, name=name, **more)


def compared(place: kt.Scenario, strategies: list, seed: int = SEED) -> kt.Comparison:
    return kt.compare(place, strategies, replications=REPLICATIONS, seed=seed)


def differences(table: kt.Comparison, measure: str = LOST) -> list[Difference]:
    """Of every strategy but the first to the first."""
    rows = table.paired[table.paired["measure"] == measure].set_index("strategy")
    scale, made = 100 if measure in (LOST, MONEY) else 1, []
    for name in [one.name for one in table.strategies[1:]]:
        row = rows.loc[name]
        made.append(Difference(scale * row["difference"]))
        made[-1].low, made[-1].high = scale * row["low"], scale * row["high"]
        made[-1].half = scale * (row["high"] - row["low"]) / 2
    return made


def mean(table: kt.Comparison, measure: str = LOST, nth: int = 0) -> float:
    """Mean of a measure of the nth strategy; shares in percent."""
    rows = table.frame[table.frame["measure"] == measure].set_index("strategy")["mean"]
    share = measure == LOST or measure.endswith("_share")
    return (100 if share else 1) * float(rows[table.strategies[nth].name])


# --- The page ------------------------------------------------------------------------------------


class Page:
    """The text of the page, into which figures are put."""

    def __init__(self, text: str):
        self.text = text

    def sentence(self, template: str, *figures) -> None:
        """Put figures where a sentence that stands on the page once has `{}`."""
        pattern = r"\s+".join(map(re.escape, template.split())).replace(r"\{\}", FIGURE)
        found = list(re.finditer(pattern, self.text))
        if len(found) != 1:
            raise SystemExit(f"{PAGE.name}: has {len(found)} sentences like {template!r}, not 1.")
        for group in range(len(figures), 0, -1):
            start, end = found[0].span(group)
            self.text = self.text[:start] + str(figures[group - 1]) + self.text[end:]

    def table(self, name: str, columns: list[list[str]]) -> None:
        """Fill the last columns of the table below a mark; its words stay as they are."""
        mark = f"<!-- figures: {name} -->\n"
        before, after = self.text.split(mark)
        end = after.index("\n\n")
        head, rule, *rows = after[:end].split("\n")
        if len(rows) != len(columns[0]):
            raise SystemExit(
                f"{PAGE.name}: table {name!r} has {len(rows)} rows, not {len(columns[0])}."
            )
        for nth, row in enumerate(rows):
            cells = row.strip("| ").split(" | ")[: -len(columns)]
            rows[nth] = f"| {' | '.join([*cells, *(column[nth] for column in columns)])} |"
        self.text = before + mark + "\n".join([head, rule, *rows]) + after[end:]


def claim(holds: bool, text: str) -> None:
    """A claim of the page in words."""
    if not holds:
        raise SystemExit(f"{PAGE.name} says that {text}. That does not hold.")


def column(rows: list[Difference], lowest: bool = True) -> list[str]:
    """Differences as text, the lowest in bold, below that of the baseline."""
    texts, best = list(map(str, rows)), round(min(rows), 2)
    mark = lowest and best < 0
    return [
        "0",
        *(
            f"**{t}**" if mark and round(d, 2) == best else t
            for t, d in zip(texts, rows, strict=True)
        ),
    ]


# --- Its sections --------------------------------------------------------------------------------


def scenarios(page: Page) -> None:
    rush, dinner = (compared(scenario(name), [DEFAULT, "random"]) for name in ("rush", "dinner"))
    page.sentence("some {} % are discarded.", f"{mean(rush, 'discarded_share'):.0f}")
    page.sentence(
        "{} % spoil, {} % are discarded.",
        f"{mean(dinner, 'expired_share'):.0f}",
        f"{mean(dinner, 'discarded_share'):.0f}",
    )
    heater = compared(scenario("heater"), [DEFAULT, "random"])
    claim(mean(heater, "discarded_share") == 0, "in `heater` nothing is ever blocked")


def discard(page: Page) -> None:
    shipped = kt.strategies()
    names = list(shipped[shipped["decision"] == "discard"]["name"])
    names.insert(0, names.pop(names.index(DEFAULT)))
    tables = {
        (name, eta): compared(scenario(name, eta), names)
        for name in ("rush", "dinner")
        for eta in ("unknown", "exact")
    }
    found = {key: differences(table) for key, table in tables.items()}
    columns = []
    for (name, eta), rows in found.items():
        texts = column(rows)
        if eta == "exact":
            same = [False, *(a == b for a, b in zip(rows, found[name, "unknown"], strict=True))]
            texts = ["the same" if s and t != "0" else t for s, t in zip(same, texts, strict=True)]
        columns.append(texts)
    page.table("discard", columns)
    page.sentence(
        "`discard newcomer` loses {} % in `rush` and {} % in `dinner`; the others",
        f"{mean(tables['rush', 'unknown']):.2f}",
        f"{mean(tables['dinner', 'unknown']):.2f}",
    )
    weighed = names.index("lowest value per shelf second") - 1
    behind = [rows[weighed] - min(rows) for rows in found.values()]
    claim(
        [round(gap, 2) > 0 for gap in behind] == [False, False, True, False],
        "`lowest value per shelf second` is first or level with the first in three of four columns",
    )
    first = found["dinner", "unknown"]
    claim(
        names[1 + first.index(min(first))] == "soonest to expire",
        "`soonest to expire` is first in `dinner` without courier information",
    )
    page.sentence("`soonest to expire` is {} points ahead of it", f"{behind[2]:.2f}")
    twin, alone = names.index("lowest revenue per shelf second") - 1, found["rush", "unknown"]
    claim(
        min(alone) == alone[weighed] == alone[twin] and sum(d.high < 0 for d in alone) == 2,
        "only `lowest value per shelf second` beats `discard newcomer` in `rush` without information",
    )
    cost = [differences(tables["dinner", eta], COST) for eta in ("unknown", "exact")]
    cheap, revenue = names.index("cheapest") - 1, names.index("lowest revenue at pickup") - 1
    less = lambda d: f"{-d:.0f} ± {d.half:.0f}"  # noqa: E731
    page.sentence(
        "come to {} a replication with `discard newcomer`, to {} less with `cheapest`, and to {} less "
        "with **`lowest revenue at pickup`**, which saves both; with courier information, to {} less.",
        f"{mean(tables['dinner', 'unknown'], COST):,.0f}",
        less(cost[0][cheap]),
        less(cost[0][revenue]),
        less(cost[1][revenue]),
    )


def recall(page: Page) -> None:
    rules = ["none", *kt.rules.BUILT_IN["recall"]]
    strategies = [strategy(recall=None if rule == "none" else rule) for rule in rules]
    strategies += [
        strategy(recall=rule, recall_when="blocked") for rule in ("first in", "largest gain")
    ]
    tables = {name: compared(scenario(name), strategies) for name in ("rush", "dinner", "heater")}
    found = {name: differences(table) for name, table in tables.items()}
    page.table("recall", [column(rows) for rows in found.values()])
    page.sentence(
        "which loses {} % in `rush`, {} % in `dinner` and {} % in `heater`",
        *(f"{mean(table):.2f}" for table in tables.values()),
    )
    exact = differences(compared(scenario("dinner", "exact"), strategies))[3]
    page.sentence(
        "with courier information it gains {} in `dinner`", f"{-exact:.2f} ± {exact.half:.2f}"
    )
    rush, orders = found["rush"], tables["rush"].summaries["orders"].mean()
    claim(
        max(d.high for d in rush) < -1, "moving home is worth more than any discard rule in `rush`"
    )
    page.sentence(
        "({} instead of {} an order) and keeps {} % of the gain",
        *(f"{mean(tables['rush'], 'moves', nth) / orders:.2f}" for nth in (6, 1)),
        f"{100 * rush[5] / rush[0]:.0f}",
    )


def demote(page: Page) -> None:
    strategies = [strategy(demote=rule) for rule in ("nobody", *kt.rules.BUILT_IN["demote"])]
    found = {
        n: differences(compared(scenario(n), strategies)) for n in ("rush", "dinner", "heater")
    }
    page.table("demote", [column(rows) for rows in found.values()])
    claim(
        all(rows[0] < 0 and rows[0] <= min(rows) + 0.005 for rows in found.values()),
        "with `discard newcomer`, `slowest decaying` wins or ties",
    )
    slowest, harmed, _ = differences(compared(scenario("dinner", "exact"), strategies))
    page.sentence(
        "gains {} in `dinner` instead of {}.", f"{-harmed:.2f} ± {harmed.half:.2f}", slowest.bare
    )
    columns, settings = [], list(product(("dinner", "busy dinner"), ("unknown", "exact")))
    rules = [
        DEFAULT,
        "lowest value per shelf second",
        "lowest value at pickup",
        "lowest revenue at pickup",
    ]
    cases = [(DEFAULT, EARLIER[0]), *product(rules[1:], EARLIER)]
    by_case = {}
    for place in settings:
        for case in cases:
            rule, where = case
            pair = [
                strategy(rule, discard_from=where, demote=d) for d in ("nobody", "slowest decaying")
            ]
            (by_case[place, case],) = differences(compared(scenario(*place), pair))
        columns.append([str(by_case[place, case]) for case in cases])
    page.table("demote with", columns)
    money = {w: by_case[("busy dinner", "exact"), ("lowest revenue at pickup", w)] for w in EARLIER}
    page.sentence(
        "with `lowest revenue at pickup` and courier information it costs {} points from "
        "`overflow+newcomer` and {} from `anywhere`",
        *(money[where].bare for where in EARLIER),
    )
    claim(all(d.low > 0 for d in money.values()), "the two cost points")
    for (place, (rule, where)), d in by_case.items():
        if rule == DEFAULT:
            claim(d.high < 0, f"it wins with `discard newcomer` in {place}")
        elif place[0] == "busy dinner" and where == EARLIER[0]:
            claim(d.low > 0, f"in a busy dinner it loses from `overflow+newcomer` with {rule!r}")
        elif place[0] == "dinner" and where == EARLIER[1]:
            claim(d.high < 0, f"in `dinner` it wins from `anywhere` with {rule!r}")


LATE = {"couriers.delay": {"distribution": "uniform", "low": 4.0, "high": 12.0}}
"""Couriers of the late rush, seconds."""


def priced_rush(folder: str, eta: str, late: bool = True) -> kt.Scenario:
    """`rush` with prices between 5 and 40, on a menu in this folder, and with late couriers."""
    rush = scenario("rush", eta)
    menu = kt.draw(rush).menu.frame()
    menu["price"] = np.random.default_rng(1).uniform(5, 40, len(menu)).round(2)
    path = Path(folder) / "prices.csv"
    menu.to_csv(path, index=False)
    return rush.replace({"orders.file": str(path), **(LATE if late else {})})


def money(page: Page) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _money(page, folder)


def _money(page: Page, folder: str) -> None:
    best, revenue = "lowest revenue per shelf second", "lowest revenue at pickup"
    others = ["lowest value at pickup", "lowest value per shelf second", "cheapest", revenue]
    recalls = ["soonest to expire", "largest gain", "largest revenue gain"]
    demotes = ["slowest decaying", "least revenue at risk"]
    strategies = [strategy(rule) for rule in (DEFAULT, *others, best)]
    strategies += [strategy(recall=rule) for rule in recalls]
    strategies += [strategy(demote=rule) for rule in demotes]
    places = {
        "dinner, without": scenario("dinner"),
        "dinner, with": scenario("dinner", "exact"),
        "friday": kt.Scenario.load("friday"),
        "late rush, without": priced_rush(folder, "unknown"),
        "late rush, with": priced_rush(folder, "exact"),
    }
    tables = {name: compared(place, strategies) for name, place in places.items()}
    columns = []
    for table in tables.values():
        rows = differences(table, MONEY)
        parts = rows[:5], rows[5:8], rows[8:]  # discard, recall, demote
        columns.append(["0", *(text for part in parts for text in column(part)[1:])])
    page.table("money", columns)
    page.sentence(
        "which loses {} % in `dinner`, {} % in `friday` and {} % in a *late rush*",
        *(
            f"{mean(tables[n], MONEY):.2f}"
            for n in ("dinner, without", "friday", "late rush, with")
        ),
    )

    def more(place: kt.Scenario, *others: kt.Strategy) -> list[Difference]:
        """What the others lose more than the first strategy."""
        return differences(compared(place, list(others)), MONEY)

    def text(d: Difference) -> str:
        return f"{abs(d):.2f} ± {d.half:.2f}"

    discards = [strategy(rule) for rule in (best, *others)]
    gains = {}
    for name, place in places.items():
        *rows, gains[name] = more(place, *discards)
        claim(
            min(d.low for d in rows) > 0 and not gains[name].high < 0,
            f"`{best}` is first, or level with the first, in {name}",
        )
    page.sentence(
        "in `friday` it saves {} points more than `lowest revenue at pickup`, in the late rush with "
        "courier information {}.",
        text(gains["friday"]),
        text(gains["late rush, with"]),
    )
    claim(min(gains["friday"].low, gains["late rush, with"].low) > 0, "it saves more there")
    brief = more(priced_rush(folder, "exact", late=False), *discards)[-1]
    page.sentence(
        "`lowest revenue at pickup` saves {} points more than `lowest revenue per shelf second`.",
        text(brief),
    )
    claim(brief.high < 0, "`lowest revenue at pickup` wins in kitchens that are full for moments")
    demoted = [strategy(demote=rule) for rule in reversed(demotes)]
    risk = [more(place, *demoted)[0] for place in places.values()]
    page.sentence(
        "`slowest decaying` in every column, by {} to {} points",
        f"{min(risk):.2f}",
        f"{max(risk):.2f}",
    )
    claim(min(d.low for d in risk) > 0, "`least revenue at risk` beats `slowest decaying`")
    recalled = [strategy(recall=rule) for rule in reversed(recalls)]
    gains = {name: more(place, *recalled) for name, place in places.items()}
    twin = [rows[0] for rows in gains.values()]
    page.sentence(
        "`largest gain` in every column, by {} to {} points", f"{min(twin):.2f}", f"{max(twin):.2f}"
    )
    claim(min(d.low for d in twin) > 0, "`largest revenue gain` beats `largest gain`")
    for name, rows in gains.items():
        if name.startswith("late"):
            claim(max(map(abs, rows)) < 0.02, "in the late rush all are within 0.02 points")
        else:
            claim(rows[1].low > 0, f"`largest revenue gain` is the first in {name}")


def issue(page: Page) -> None:
    rules = [
        "matched",
        "first in first out",
        "last in first out",
        "lowest value",
        "soonest to expire",
    ]
    strategies = [strategy(issue=rule) for rule in rules]
    rush, dinner = (compared(scenario(name), strategies) for name in ("rush", "dinner"))
    wasted = [mean(dinner, "wasted_share", nth) for nth in range(len(rules))]
    texts = [f"**{w:.2f} %**" if w == min(wasted) else f"{w:.2f} %" for w in wasted]
    page.table("issue", [column(differences(rush)), column(differences(dinner)), texts])
    claim(wasted.index(min(wasted)) == 1, "`first in first out` wastes the fewest dishes")
    for table in (rush, dinner):
        found = differences(table)
        claim(min(found) == found[3], "`soonest to expire` delivers the most value")


def discard_from(page: Page) -> None:
    def gain(name: str, rule: str, eta: str = "unknown") -> Difference:
        pair = [strategy(rule, discard_from=where) for where in EARLIER]
        return differences(compared(scenario(name, eta), pair))[0]

    value, latest = "lowest value at pickup", "latest pickup"
    page.sentence("without courier information: {}) and harms", gain("dinner", value))
    page.sentence("(`rush`: {}).", gain("rush", value))
    in_dinner, in_rush = (gain(name, latest, "exact") for name in ("dinner", "rush"))
    page.sentence("courier information: {} in `dinner` and {} in `rush`.", in_dinner, in_rush)
    spared = []
    for (name, eta), rule in product(
        product(("rush", "dinner"), ("unknown", "exact")),
        ("oldest", value, "lowest value per shelf second", "soonest to expire"),
    ):
        pair = [strategy(rule, discard_from=where) for where in (EARLIER[0], "overflow")]
        spared += differences(compared(scenario(name, eta), pair))
    claim(not any(d.high < 0 for d in spared), "`overflow` is nowhere significantly better")
    page.sentence("nowhere significantly better, and up to {} worse.", f"{max(spared):.2f}")


def together(page: Page) -> None:
    """The best of all combinations, chosen on the orders of one seed and judged on another's."""
    rules = kt.rules.BUILT_IN
    combinations = [
        strategy(d, recall=r, demote=m, discard_from=where)
        for d, r, m, where in product(
            rules["discard"], [None, *rules["recall"]], ["nobody", *rules["demote"]], EARLIER,
        )
        if d != DEFAULT or where == EARLIER[0]
    ]  # fmt: skip
    page.sentence("Of all {} combinations of shipped", len(combinations))
    recommended = kt.Strategy(
        "lowest value per shelf second", recall="soonest to expire", demote="slowest decaying",
        discard_from="anywhere", name="the recommended one",
    )  # fmt: skip
    gains, costs, kinds = [], [], []
    for name, eta in product(("rush", "dinner"), ("unknown", "exact")):
        place = scenario(name, eta)
        trace = kt.draw(place, replications=REPLICATIONS, seed=SEED_OF_CHOICE)
        lost = pd.Series([
            1 - kt.simulate(place, one, trace=trace, keep="summary").summary["value_per_order"].mean()
            for one in combinations
        ]).sort_values(kind="stable")  # fmt: skip
        best, worst = combinations[lost.index[0]], combinations[lost.index[-1]]
        first, bad = differences(compared(place, [DEFAULT, best, worst]))
        gains.append(first)
        kinds.append(best)
        if name == "rush":
            costs.append((bad, worst))
        costs_more = differences(compared(place, [best, recommended]))[0]
        claim(costs_more < 0.02, f"the recommended strategy is as good as any in {name}, {eta}")
    page.table("all together", [[_decisions(one) for one in kinds], list(map(str, gains))])
    bad, worst = costs[0]
    page.sentence(
        "The worst loses {} points more than `discard newcomer` in `rush`",
        f"{bad:.1f} ± {bad.half:.1f}",
    )
    claim(
        _decisions(worst) == "`cheapest`, recall `none`, demote `nobody`, from `anywhere`",
        f"the worst is `cheapest`, recall `none`, from `anywhere`, not {_decisions(worst)}",
    )


def _decisions(one: kt.Strategy) -> str:
    discard_, *rest = one.name.split(", ")
    told = dict(part.split(" ", 1) for part in rest)
    recall_ = "none" if told["recall"] == "None" else told["recall"]
    return f"`{discard_}`, recall `{recall_}`, demote `{told['demote']}`, from `{told['discard_from']}`"


SECTIONS: tuple[Callable[[Page], None], ...] = (
    scenarios, discard, recall, demote, money, issue, discard_from,
)  # fmt: skip


def page(text: str, sections=(*SECTIONS, together)) -> str:
    """The page with its figures as they are today."""
    made = Page(text)
    for section in sections:
        section(made)
    return made.text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"docs/{PAGE.name}: figures are those of this version")
