"""Runs of which `ledger.js` has to say what the Python snapshot says, and the comparison in JavaScript."""

import numpy as np
import pytest

import kitchen as kt
from kitchen.plots.browser.payload import payload
from kitchen.simulation.snapshot import Snapshots, parting

INSTANTS = 60

CASES = [
    ("rush", {}, ["discard newcomer", "oldest"]),
    ("rush", {"decay": "exponential"}, ["random", "lowest value"]),
    ("rush", {"decay": "linear"}, ["soonest to expire", "latest pickup"]),
    ("rush", {"decay": "cliff"}, ["discard newcomer", "random"]),
    ("rush", {"decay": "freshness", "shelves.overflow.capacity": 0}, ["random", "oldest"]),
    ("rush", {"expired_orders": "held", "waste_below": 0.97}, ["discard newcomer", "oldest"]),
    (
        "rush",
        {},
        [kt.Strategy(issue="first in first out"), kt.Strategy(issue="lowest value", name="pool")],
    ),
    ("heater", {}, ["discard newcomer", kt.Strategy(recall=None, name="never back")]),
    ("friday", {"orders.duration_s": 9000.0}, ["discard newcomer", "learned for friday"]),
    ("friday", {"orders.duration_s": 6000.0}, [kt.Strategy(demote="slowest decaying"), "random"]),
]


def my_law(age, weighted_age, shelf_life, decay_rate):
    return 1.0 - 0.5 * (age / shelf_life) ** 2 - 0.25 * decay_rate * weighted_age / shelf_life


CASES.append(("rush", {"decay": my_law}, ["discard newcomer", "oldest"]))


def case(name, changes, strategies, seed):
    """The data of the player, and what the snapshots say at random instants and at events."""
    scenario = kt.Scenario.load(name).replace(changes)
    trace = kt.draw(scenario, replications=1, seed=seed)
    runs = [kt.simulate(scenario, strategy, trace=trace) for strategy in strategies]
    kitchens = [Snapshots(run) for run in runs]
    end = max(kitchen.end_s for kitchen in kitchens)
    random = np.random.default_rng(seed)
    times = np.concatenate(
        [random.uniform(0.0, end, INSTANTS), random.choice(kitchens[0].times, INSTANTS)]
    )
    looked = [[seen(kitchen.at(t)) for kitchen in kitchens] for t in times]
    apart = [elsewhere(*(kitchen.at(t) for kitchen in kitchens)) for t in times]
    return {
        "data": payload(*runs),
        "times": times.tolist(),
        "looked": looked,
        "apart": apart,
        "parting": parting(*kitchens),
    }


def seen(snapshot):
    """What must agree: who stands where, worth what; and the counts."""
    shelves = [
        [
            [o.order, o.slot, o.value, o.came_from, o.moves, o.spoilt]
            for o in sorted(shelf.orders, key=lambda order: order.slot)
        ]
        for shelf in snapshot.shelves
    ]
    counts = [getattr(snapshot, name) for name in ("ready", "standing", "delivered", "expired")]
    counts += [snapshot.discarded, snapshot.moves]
    return {
        "shelves": shelves,
        "counts": counts,
        "sums": [snapshot.value_delivered, snapshot.value_lost],
    }


def elsewhere(one, other):
    """Orders that stand on a shelf in one of two kitchens, and elsewhere or nowhere in the other."""
    mine, yours = (
        {(shelf.name, order.order) for shelf in snapshot.shelves for order in shelf.orders}
        for snapshot in (one, other)
    )
    return sorted({order for _, order in mine ^ yours})


COMPARE = """
function compare({ data, times, looked, apart, parting: parts }) {
  const ledgers = data.kitchens.map((_, k) => new Ledger(data, k));
  let worst = 0, orders = 0;
  const fail = (...what) => { throw new Error(JSON.stringify(what)); };
  times.forEach((t, i) => ledgers.forEach((ledger, k) => {
    const wanted = looked[i][k], got = data.shelves.map(() => []);
    for (const stay of ledger.at(t).here) {
      const value = ledger.value(stay, t);
      got[stay.shelf].push([stay.order, stay.slot, value, stay.from ? data.shelves[stay.from.shelf].name : null, stay.moves, ledger.spoilt(value)]);
    }
    wanted.shelves.forEach((own, s) => {
      got[s].sort((a, b) => a[1] - b[1]);
      if (own.length !== got[s].length) fail("standing", t, k, s, own, got[s]);
      own.forEach((order, j) => {
        worst = Math.max(worst, Math.abs(order[2] - got[s][j][2])); orders++;
        const rest = row => JSON.stringify([row[0], row[1], row[3], row[4], row[5]]);
        if (rest(order) !== rest(got[s][j])) fail("order", t, k, s, order, got[s][j]);
      });
    });
    const now = ledger.counts(t);
    const counts = [now.ready, now.standing, now.delivered, now.expired, now.discarded, now.moves];
    if (JSON.stringify(counts) !== JSON.stringify(wanted.counts)) fail("counts", t, k, counts, wanted.counts);
    worst = Math.max(worst, Math.abs(now.value - wanted.sums[0]), Math.abs(now.lost - wanted.sums[1]));
  }));
  times.forEach((t, i) => {
    const got = [...differing(...ledgers, t)].sort((a, b) => a - b);
    if (JSON.stringify(got) !== JSON.stringify(apart[i])) fail("apart", t, got, apart[i]);
  });
  if (parting(...ledgers) !== parts) fail("parting", parting(...ledgers), parts);
  const end = ledgers.map(ledger => { const { revenue, lostRevenue } = ledger.counts(Infinity); return [revenue, lostRevenue]; });
  return { worst, orders, end };
}
"""
"""A function of what `case` gives; it throws where the two differ in more than a number's last digits."""


def check(said, name, changes, strategies, seed):
    """That the numbers are near, and that what was earned and lost in the end is the summary's."""
    assert said["orders"] > 100
    assert said["worst"] <= (1e-3 if changes.get("decay") is my_law else 1e-12)
    scenario = kt.Scenario.load(name).replace(changes)
    trace = kt.draw(scenario, replications=1, seed=seed)
    for strategy, (revenue, lost) in zip(strategies, said["end"], strict=True):
        summary = kt.simulate(scenario, strategy, trace=trace, keep="summary").summary
        assert revenue == pytest.approx(summary["revenue"][0], rel=1e-9)
        assert lost == pytest.approx(summary["lost_revenue"][0], rel=1e-9)
