"""The settings of `figures.csv`, ready to be simulated."""

import math

import pandas as pd
from support.paths import DATA

import kitchen as kt

FIGURES = pd.read_csv(DATA / "figures.csv", index_col="key")


ORDERS = 1_000_000


MANY_ORDERS = 10_000_000


WARM_UP_S = 200.0


SPAN_S = 1_000.0
"""Of one replication, after the warm-up."""


LONG_SPAN_S = 10_000.0
"""The same where an order may be thrown away after its arrival: nobody threatens the last ones, and
the longer the span, the fewer they are."""


UNIFORM = {"distribution": "uniform", "low": 2.0, "high": 6.0}


EXPONENTIAL = {"distribution": "exponential", "mean": 4.0}


CONSTANT = {"distribution": "constant", "value": 4.0}


UNLIMITED = 2**40


LONG_LIFE_S = 1e12  # nothing expires


class Setting:
    """A kitchen without a strategy: a scenario file's worth of keys, and a menu.

    Parameters
    ----------
    rates : dict
        Temp -> arrivals per second, each a multiple of the smallest.
    shelves : dict
        Name -> capacity. A shelf holds the temp of its name; "overflow" holds any, at modifier 2.
    """

    def __init__(self, folder, rates, shelves, delay=UNIFORM, process="poisson", **options):
        self.folder, self.rates = folder, rates
        self.life_s = options.pop("life_s", LONG_LIFE_S)
        self.decay_rate = options.pop("decay_rate", 0.0)
        self.keys = {
            "name": "figure",
            "decay": options.pop("decay", "freshness"),
            "arrivals": {"process": process, "rate": sum(rates.values())},
            "couriers": {"delay": delay},
            "shelves": [
                {
                    "name": name,
                    "holds": "any" if name == "overflow" else [name],
                    "capacity": capacity,
                    "modifier": 2.0 if name == "overflow" else 1.0,
                }
                for name, capacity in shelves.items()
            ],
            **options,
        }

    def scenario(self, span_s=SPAN_S, warm_up_s=WARM_UP_S):
        smallest = min(self.rates.values())
        temps = [t for t, rate in self.rates.items() for _ in range(round(rate / smallest))]
        menu = self.folder / "menu.csv"
        rows = [f"dish,{temp},{self.life_s!r},{self.decay_rate!r}" for temp in temps]
        menu.write_text("\n".join(["name,temp,shelf_life_s,decay_rate", *rows]) + "\n")
        orders = {"file": str(menu), "duration_s": warm_up_s + span_s}
        return kt.Scenario.model_validate({**self.keys, "orders": orders})

    def summary(self, orders, strategy="discard newcomer", seed=1, span_s=SPAN_S):
        """At least so many orders after the warm-up, in replications of `span_s` seconds."""
        replications = math.ceil(1.02 * orders / (sum(self.rates.values()) * span_s))
        summary = kt.simulate(
            self.scenario(span_s),
            strategy,
            replications=replications,
            seed=seed,
            keep="summary",
            warm_up_s=WARM_UP_S,
        ).summary
        assert summary["orders"].sum() >= orders
        return summary


EVEN = {"hot": 0.5, "cold": 0.5, "frozen": 0.5}


TEMPS = {"hot": "a", "cold": "b", "frozen": "c"}


TWO_EACH = {"hot": 2, "cold": 2, "frozen": 2, "overflow": 2}
