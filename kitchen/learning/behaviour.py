"""Behaviour of discard rules: whom they discard among which candidates, and which fields they need.

Two strategies of equal score can have quite different numbers; what they do is what counts.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Sequence

import numba
import numpy as np
import pandas as pd

from kitchen.engine.batches import Batches
from kitchen.engine.draw import draw
from kitchen.engine.records import DISCARD_RULE
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, shown
from kitchen.learning.arguments import measure_of
from kitchen.learning.evaluator import Evaluator
from kitchen.learning.paired import paired_values
from kitchen.model.rules import FIELDS, Rule
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategies, as_strategy
from kitchen.utils.system import thread_count
from kitchen.utils.validation import check_seed, whole

MOST_CANDIDATES = 200_000
"""Candidates that are recorded of a strategy; further ones are left out."""

NOT_SHUFFLED = ("temp", "shelf", "is_newcomer", "u")
"""Fields that are no quantities."""

_FRACTIONS = 1_000
"""Quantiles that stand for the distribution of a field."""


def candidates(
    scenario: Scenario,
    strategies: Sequence,
    *,
    replications: int = 10,
    seed: int = 1,
    trace: Trace | None = None,
) -> pd.DataFrame:
    """The candidates of every discard: a row an order at a decision.

    Parameters
    ----------
    scenario : Scenario
    strategies : list
        Strategies whose candidates include the newcomer.
    replications, seed : int
        Not used with `trace`.
    trace : Trace, optional
        Evenings to replay.

    Returns
    -------
    DataFrame
        ``strategy, decision`` (a number, each of one newcomer that found no room), the fields that a
        rule sees, ``holds_s`` (seconds that it would hold its slot: until pickup or expiry),
        ``money_at_pickup``, ``score``, and ``discarded``.

    Raises
    ------
    KitchenError
        If a strategy discards from the overflow alone.

    Examples
    --------
    >>> import kitchen as kt
    >>> from kitchen.learning.behaviour import candidates
    >>> frame = candidates(kt.Scenario.load("rush"), ["latest pickup"], replications=2)
    >>> int(frame.groupby("decision")["discarded"].sum().max())
    1

    Notes
    -----
    The rule is run by the engine, wrapped into one that writes what it sees into its own parameters.
    A newcomer is the last candidate of its decision, which tells decisions apart.
    """
    require_scenario(scenario)
    replications = whole("replications", replications, at_least=1)
    if trace is None:
        trace = draw(scenario, replications, check_seed(seed))
    frames = []
    for strategy in as_strategies(strategies):
        if strategy.discard_from == "overflow":
            raise KitchenError(
                f"strategy {shown(strategy.name)}: discards from the overflow alone, so that nothing "
                "tells its decisions apart. Use discard_from = 'overflow+newcomer'."
            )
        frames.append(candidates_of(scenario, strategy, trace))
    return pd.concat(frames, ignore_index=True)


def candidates_of(scenario: Scenario, strategy: Strategy, trace: Trace) -> pd.DataFrame:
    """The candidates of one strategy on given orders, with the columns of `candidates`."""
    rule, width = strategy.discard, len(FIELDS) + 1
    start = 1 + len(rule.params)
    recording = Rule(_recorder(rule), "recording", (1.0,) * start)
    wrapped = _with_discard(strategy, recording)
    batches = Batches.prepare(scenario, [wrapped], trace=trace)
    (lane,) = batches.lanes
    params = [own.params if own else () for own in wrapped.rules]
    params[DISCARD_RULE] = np.zeros(start + width * MOST_CANDIDATES)
    rules = lane.rules.with_params(params)
    buffer = rules.params[slice(*rules.decisions[["begin", "end"]][DISCARD_RULE])]
    buffer[0], buffer[1:start] = start, rule.params
    # the engine sorts candidates by their scores only; one thread keeps the order of decisions
    batches.lanes[0] = lane._replace(rules=rules)
    batches.run(0, trace.replications.size, threads=1)
    rows = buffer[start : int(buffer[0])].reshape(-1, width)
    frame = pd.DataFrame(rows, columns=[*FIELDS, "score"])
    ends = frame["is_newcomer"] == 1.0
    frame.insert(0, "decision", np.cumsum(ends) - ends)
    frame = frame[frame["decision"] < ends.sum()]  # a last one may be cut off
    frame.insert(0, "strategy", strategy.name)
    frame["holds_s"] = np.minimum(frame["pickup_in_s"], frame["expires_in_s"])
    frame["money_at_pickup"] = frame["price"] * frame["value_at_pickup"]
    frame["discarded"] = _chosen(frame)
    return frame


def _chosen(frame: pd.DataFrame) -> np.ndarray:
    """Whether each row has the lowest score of its decision; the newcomer where none has one."""
    score = frame["score"].where(np.isfinite(frame["score"]), np.inf).to_numpy(float)
    order = np.lexsort((score, frame["decision"]))
    decision = frame["decision"].to_numpy()
    first = order[np.r_[True, np.diff(decision[order]) != 0]] if len(order) else order
    chosen = np.zeros(len(frame), bool)
    chosen[first] = True
    lost = np.isin(decision, decision[first[score[first] == np.inf]])
    chosen[lost] = frame["is_newcomer"].to_numpy()[lost] == 1.0
    return chosen


def _recorder(rule: Rule):
    """A rule's function that also writes all fields and its score into its parameters."""
    inner, stop = numba.njit(rule.function, error_model="numpy"), 1 + len(rule.params)
    call = "inner(order, p[1:stop])" if rule.takes_params else "inner(order)"
    writes = "\n".join(f"        p[n + {i}] = order.{name}" for i, name in enumerate(FIELDS))
    text = f"""
def recording(order, p):
    score = 1.0 * {call}
    n = int(p[0])
    if n + {len(FIELDS) + 1} <= p.size:
{writes}
        p[n + {len(FIELDS)}] = score
        p[0] = n + {len(FIELDS) + 1}
    return score
"""
    space = {"inner": inner, "stop": stop}
    exec(text, space)
    return space["recording"]


def _with_discard(strategy: Strategy, discard: Rule) -> Strategy:
    return Strategy(
        discard,
        strategy.recall,
        strategy.demote,
        strategy.issue,
        strategy.recall_when,
        strategy.discard_from,
    )


def field_losses(
    scenario: Scenario,
    strategy,
    *,
    measure: str | None = None,
    replications: int = 200,
    seed: int = 1,
    trace: Trace | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """What is lost when a field of the discard rule is shuffled among candidates.

    Parameters
    ----------
    scenario : Scenario
    strategy : Strategy, str or function
    measure : str, optional
        One of `kt.plots.MEASURES`. By default that which ranks strategies.
    replications, seed : int
        Not used with `trace`.
    trace : Trace, optional
        Evenings to replay.
    threads : int, optional
        One a processor if left out. No result depends on it.

    Returns
    -------
    DataFrame
        As `Comparison.paired`: a row a field that the rule reads, ``strategy`` being the field, against
        the rule as it is.

    Raises
    ------
    KitchenError
        If the source of the rule is not to be found.

    Examples
    --------
    >>> import kitchen as kt
    >>> from kitchen.learning.behaviour import field_losses
    >>> field_losses(kt.Scenario.load("rush"), "latest pickup", replications=5)["strategy"].tolist()
    ['pickup_in_s']

    Notes
    -----
    In place of the field, the rule reads a value drawn from those of all candidates (1,000
    quantiles), by the uniform number of each order at each decision: the distribution is the same,
    what it says of the order is gone.
    """
    require_scenario(scenario)
    strategy = as_strategy(strategy)
    measure = measure_of(measure, (scenario,), trace)
    replications = whole("replications", replications, at_least=1)
    seed, threads = check_seed(seed), thread_count(threads)
    seen = candidates(
        scenario, [strategy], replications=min(replications, 10), seed=seed, trace=trace
    )
    fields = [name for name in FIELDS if name in strategy.discard.fields - set(NOT_SHUFFLED)]
    if not fields or not len(seen):
        raise KitchenError(f"strategy {shown(strategy.name)}: there is no field to shuffle.")
    shuffled = [
        _with_discard(strategy, _shuffled(strategy.discard, name, seen[name].to_numpy()))
        for name in fields
    ]
    if trace is None:
        evaluator = Evaluator.kept([scenario], measure, replications, seed, threads=threads)
    else:
        evaluator = Evaluator.replaying([scenario], measure, trace, threads=threads)
    values = evaluator.encode([strategy, *shuffled]).values()
    return paired_values(["as it is", *fields], values, measure)


def _shuffled(rule: Rule, field: str, values: np.ndarray) -> Rule:
    """A rule that reads a random candidate's value in place of a field."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(rule.function)))
        (function,) = tree.body
        order = function.args.args[0].arg
    except (OSError, TypeError, SyntaxError, ValueError, AttributeError):
        raise KitchenError(
            f"rule {shown(rule.name)}: its source is not to be found, so its fields cannot be shuffled. "
            "Define it in a file or a cell, with def."
        ) from None
    table = np.quantile(values, (np.arange(_FRACTIONS) + 0.5) / _FRACTIONS, method="nearest")
    function.decorator_list, function.name = [], "shuffled"
    made = ast.fix_missing_locations(_Replaced(order, field).visit(tree))
    space = {**rule.function.__globals__, "table_of_values": table, "__name__": "shuffled"}
    exec(compile(made, "<shuffled>", "exec"), space)
    return Rule(space["shuffled"], f"{rule.name}, {field} shuffled", rule.params)


class _Replaced(ast.NodeTransformer):
    """``table_of_values[int(1000 * order.u)]`` in place of ``order.field``."""

    def __init__(self, order: str, field: str):
        self.order, self.field = order, field

    def visit_Attribute(self, node):
        if (
            node.attr == self.field
            and isinstance(node.value, ast.Name)
            and node.value.id == self.order
        ):
            return ast.parse(
                f"table_of_values[int({_FRACTIONS} * {self.order}.u)]", mode="eval"
            ).body
        return self.generic_visit(node)
