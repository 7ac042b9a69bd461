"""Rules: the same compiled and plain, and clear words for those that cannot be used."""

import functools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import CALLED_RULES, FIELD_RULES, OWN_RULES, of_many_kinds

import kitchen as kt
from kitchen.errors import RuleError
from kitchen.model.rules import BUILT_IN, CANDIDATE, FIELDS, INDEX_OF, Rule, find_rule

DISCARD, RECALL, DEMOTE = BUILT_IN["discard"], BUILT_IN["recall"], BUILT_IN["demote"]
INDICES = ("temp", "shelf")


def candidate(**fields):
    """A candidate as a rule sees it; what is not given is 0."""
    record = np.zeros(1, CANDIDATE).view(np.recarray)
    for name, value in fields.items():
        record[name] = value
    return record[0]


def compiled_score(rule, order):
    """The score of one candidate among three others, from the compiled rule."""
    orders = np.zeros(4, CANDIDATE)
    orders[2] = order
    return rule.scores(orders)[2]


@pytest.fixture(scope="module")
def crowded(tmp_path_factory, rush):
    """A rush in which food also spoils and couriers are late, so that every decision matters."""
    menu = kt.draw(rush).menu.frame()
    menu["shelf_life_s"] /= 8.0
    path = tmp_path_factory.mktemp("menu") / "crowded.parquet"
    menu.to_parquet(path)
    return rush.replace(
        {
            "orders.file": str(path),
            "couriers.delay.high": 14.0,
            "orders.prep": {"distribution": "uniform", "low": 0.0, "high": 2.0},
        }
    )


def ledger(scenario, strategy, **options):
    run = kt.simulate(scenario, strategy, replications=2, seed=3, **options)
    return run.ledger.drop(columns="strategy")


# --- what the engine looks up without a call -----------------------------------------------------


@pytest.mark.parametrize("name", FIELD_RULES)
def test_a_rule_that_is_a_field_is_recognised(name):
    field, sign = name.lstrip("-"), -1.0 if name.startswith("-") else 1.0
    expected = None if field in INDICES else (INDEX_OF[field], sign)
    assert Rule(FIELD_RULES[name]).single == expected


FACTOR = 1.0


def a_factor(order):
    return FACTOR * order.value


def minus_minus(order):
    return --order.price


def either(order):
    return order.value if order.is_newcomer else order.age_s


def both(order):
    return order.value and order.age_s


def the_larger(order):
    return max(order.value, order.age_s)


def constant(order):
    return 1.0


def as_a_list(order):
    return [order.value][0]


def if_equal(order):
    return order.value if order.age_s == order.waited_s else order.price


@pytest.mark.parametrize("function", [a_factor, either, both, the_larger, constant, if_equal])
def test_a_rule_that_is_more_than_a_field_is_called(function):
    assert Rule(function).single is None


def test_a_field_in_any_other_dress_is_called():
    assert Rule(minus_minus).single is None
    assert Rule(as_a_list).single is None


@pytest.mark.parametrize("name", [name for name in FIELD_RULES if name.lstrip("-") not in INDICES])
def test_a_field_that_is_looked_up_decides_as_the_same_rule_when_called(crowded, name):
    field, sign = name.lstrip("-"), -1.0 if name.startswith("-") else 1.0
    looked_up, called = Rule(FIELD_RULES[name]), Rule(CALLED_RULES[field], params=(sign,))
    assert looked_up.single
    assert called.single is None
    for decisions in (
        lambda rule: {"discard": rule, "recall": rule, "discard_from": "anywhere"},
        lambda rule: {"demote": rule, "recall": rule, "recall_when": "blocked"},
    ):
        one, other = (
            ledger(crowded, kt.Strategy(**decisions(rule))) for rule in (looked_up, called)
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True)


# --- compiled and plain --------------------------------------------------------------------------


def candidates():
    """Candidates of any numbers that the engine can produce."""
    number = st.floats(0, 1e6) | st.sampled_from([0.0, 1.0, 0.5])
    share = st.floats(0, 1)
    ranges = dict.fromkeys(FIELDS, number) | {
        "value": share,
        "u": share,
        "home_fill": share,
        "overflow_fill": share,
        "is_newcomer": st.sampled_from([0.0, 1.0]),
        "temp": st.integers(0, 5),
        "shelf": st.integers(-1, 5),
        "expires_in_s": number | st.just(math.inf),
        "expires_in_home_s": number | st.just(math.inf),
    }
    return st.fixed_dictionaries(ranges).map(lambda fields: candidate(**fields))


EVERY_RULE = [
    *DISCARD.values(),
    *RECALL.values(),
    *map(Rule, OWN_RULES),
    *(Rule(function, params=(-2.5,)) for function in CALLED_RULES.values()),
    Rule(of_many_kinds, params=(1.0, -0.5, 3.0)),
]


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.name)
def test_a_rule_says_the_same_compiled_and_plain(rule):
    @given(candidates())
    @settings(max_examples=25)
    def check(order):
        plain, compiled = float(rule(order)), compiled_score(rule, order)
        assert plain == pytest.approx(compiled, rel=1e-14)

    check()


def reads_all(order):
    return (
        order.value + order.age_s + order.weighted_age_s + order.shelf_life_s + order.decay_rate
        + order.price + order.temp + order.shelf + order.expires_in_s + order.expires_in_home_s
        + order.pickup_in_s + order.value_at_pickup + order.value_at_pickup_home + order.waited_s
        + order.is_newcomer + order.home_fill + order.overflow_fill + order.u
    )  # fmt: skip


def test_a_rule_may_read_everything_at_once():
    rule = Rule(reads_all)
    assert rule.fields == frozenset(FIELDS)
    order = candidate(**{name: 2**i for i, name in enumerate(FIELDS)})
    assert rule(order) == compiled_score(rule, order) == 2 ** len(FIELDS) - 1


def test_a_field_has_its_own_meaning_whatever_else_a_rule_reads(crowded):
    """Fields are written for a rule in groups; one alone is the same as one of all."""
    alone, among = (
        Rule(function) for function in (FIELD_RULES["-pickup_in_s"], minus_pickup_and_nothing)
    )
    assert among.fields == frozenset(FIELDS)
    a, b = (ledger(crowded, kt.Strategy(rule, recall=rule)) for rule in (alone, among))
    pd.testing.assert_frame_equal(a, b, check_exact=True)


def minus_pickup_and_nothing(order):
    everything = (
        order.value + order.age_s + order.weighted_age_s + order.shelf_life_s + order.decay_rate
        + order.price + order.temp + order.shelf + order.expires_in_s + order.expires_in_home_s
        + order.value_at_pickup + order.value_at_pickup_home + order.waited_s
        + order.is_newcomer + order.home_fill + order.overflow_fill + order.u
    )  # fmt: skip
    return -order.pickup_in_s if everything > -1e9 else 0.0


def by_another_way(order):
    return getattr(order, "price") + 0.0 * order.u  # noqa: B009


def test_a_field_that_is_read_by_its_name_in_quotes_is_known(crowded):
    plain, quoted = (ledger(crowded, Rule(f, "x")) for f in (FIELD_RULES["price"], by_another_way))
    pd.testing.assert_frame_equal(plain, quoted, check_exact=True)


def weighted_by(factor):
    return lambda order: factor * order.age_s + order.value


def test_rules_of_one_code_with_other_constants_are_other_rules(crowded):
    """A notebook makes such rules in a loop; what they close over must not be mixed up."""
    oldest, newest = (ledger(crowded, weighted_by(factor)) for factor in (-1.0, 1.0))
    assert not oldest.equals(newest)
    pd.testing.assert_frame_equal(oldest, ledger(crowded, weighted_by(-1.0)), check_exact=True)


def test_a_constant_that_changes_changes_the_rule(crowded, monkeypatch):
    before = ledger(crowded, a_factor)
    monkeypatch.setitem(globals(), "FACTOR", -1.0)
    assert not ledger(crowded, a_factor).equals(before)


WEIGHTS = np.array([1.0, 0.0])


def by_weights(order):
    return WEIGHTS[0] * order.value - WEIGHTS[1] * order.age_s


def test_an_array_that_changes_in_place_changes_the_rule_or_is_refused(crowded, monkeypatch):
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([1.0, 0.0]))
    try:
        before = ledger(crowded, by_weights)
        WEIGHTS[:] = [0.0, 1.0]
        after = ledger(crowded, by_weights)
    except RuleError as error:
        assert "WEIGHTS" in str(error)
    else:
        assert not after.equals(before)


def with_default(order, weight=-1.0):
    return weight * order.age_s


def test_a_default_argument_is_not_taken_for_parameters(crowded):
    pd.testing.assert_frame_equal(
        ledger(crowded, with_default),
        ledger(crowded, Rule(FIELD_RULES["-age_s"])),
        check_exact=True,
    )


def test_parameters_may_change_without_compiling_anew(crowded):
    def mix(order, p):
        return p[0] * order.age_s + p[1]

    a, b = Rule(mix, params=(1.0, 0.0)), Rule(mix, params=(-1.0, 0.0))
    assert a.compiled is b.compiled
    assert not ledger(crowded, a).equals(ledger(crowded, b))


@pytest.mark.parametrize("function", [lambda order: order.value > 0.5, lambda order: 3])
def test_a_rule_may_return_a_truth_value_or_a_whole_number(crowded, function):
    as_float = Rule(function)
    order = candidate(value=0.75)
    assert float(as_float(order)) == compiled_score(as_float, order)
    assert len(ledger(crowded, function)) > 0


# --- the shipped rules ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "order", "others"),
    [
        ("discard newcomer", {"is_newcomer": 1}, [{"is_newcomer": 0}]),
        ("random", {"u": 0.1}, [{"u": 0.2}, {"u": 0.9, "is_newcomer": 1}]),
        ("oldest", {"age_s": 5.0}, [{"age_s": 4.9}, {"age_s": 0.0, "is_newcomer": 1}]),
        ("newest", {"age_s": 1.0}, [{"age_s": 2.0}, {"age_s": 0.0, "is_newcomer": 1}]),
        ("lowest value", {"value": 0.1}, [{"value": 0.2}]),
        ("soonest to expire", {"expires_in_s": 3.0}, [{"expires_in_s": 4.0}, {"expires_in_s": math.inf}]),
        ("latest pickup", {"pickup_in_s": 9.0}, [{"pickup_in_s": 8.0}]),
        (
            "expires before pickup",  # the worst of those that will be waste
            {"expires_in_s": 2.0, "pickup_in_s": 2.0, "value": 0.1},
            [
                {"expires_in_s": 2.0, "pickup_in_s": 3.0, "value": 0.2},
                {"expires_in_s": 2.0, "pickup_in_s": 1.9, "value": 0.01},
                {"expires_in_s": 1e9, "pickup_in_s": 1e8, "value": 1.0},
            ],
        ),
        (
            "expires before pickup",  # if there is none, the latest pickup
            {"expires_in_s": 99.0, "pickup_in_s": 50.0, "value": 1.0},
            [{"expires_in_s": 99.0, "pickup_in_s": 49.0, "value": 0.1}],
        ),
        ("first in", {"age_s": 5.0}, [{"age_s": 4.0}]),
        ("fastest decaying", {"decay_rate": 0.9}, [{"decay_rate": 0.8}]),
        (
            "lowest revenue per shelf second",  # 0.8 for each second; a slot is held until it expires
            {"price": 8.0, "value_at_pickup": 0.5, "pickup_in_s": 5.0, "expires_in_s": 9.0},
            [
                {"price": 9.0, "value_at_pickup": 0.5, "pickup_in_s": 5.0, "expires_in_s": 9.0},
                {"price": 8.0, "value_at_pickup": 0.6, "pickup_in_s": 5.0, "expires_in_s": 9.0},
                {"price": 8.0, "value_at_pickup": 0.5, "pickup_in_s": 4.0, "expires_in_s": 9.0},
                {"price": 8.0, "value_at_pickup": 0.5, "pickup_in_s": 5.0, "expires_in_s": 4.0},
            ],
        ),
        (
            "least revenue at risk",  # 0.1 a second
            {"price": 4.0, "decay_rate": 0.5, "shelf_life_s": 20.0},
            [
                {"price": 5.0, "decay_rate": 0.5, "shelf_life_s": 20.0},
                {"price": 4.0, "decay_rate": 0.6, "shelf_life_s": 20.0},
                {"price": 4.0, "decay_rate": 0.5, "shelf_life_s": 19.0},
            ],
        ),
        (
            "largest revenue gain",  # 2 in money, though others gain more value
            {"price": 10.0, "value_at_pickup": 0.5, "value_at_pickup_home": 0.7},
            [
                {"price": 5.0, "value_at_pickup": 0.2, "value_at_pickup_home": 0.5},
                {"price": 10.0, "value_at_pickup": 0.8, "value_at_pickup_home": 0.9},
                {"price": 99.0, "value_at_pickup": 0.8, "value_at_pickup_home": 0.8},
            ],
        ),
    ],
)  # fmt: skip
def test_a_shipped_rule_chooses_what_its_name_says(name, order, others):
    rule = (DISCARD | RECALL | DEMOTE)[name]
    assert all(rule(candidate(**order)) < rule(candidate(**other)) for other in others)


def test_discard_newcomer_and_newest_rule_out_the_rest_for_good():
    assert DISCARD["discard newcomer"](candidate()) == math.inf
    assert DISCARD["newest"](candidate(is_newcomer=1)) == math.inf


@pytest.mark.parametrize(
    ("strategy", "like"),
    [
        ({"issue": "soonest to expire"}, {"issue": "first in first out"}),
        ({"recall": "soonest to expire"}, {"recall": "first in"}),
        ({"discard": "soonest to expire"}, {"discard": "discard newcomer"}),
        (
            {"discard": "soonest to expire", "discard_from": "overflow"},
            {"discard": "oldest", "discard_from": "overflow"},
        ),
    ],
)
def test_where_nothing_ever_spoils_soonest_to_expire_still_chooses(rush, strategy, like):
    """No value reaches 0 by the exponential law: the rule is that of its ties, and never of nobody."""
    place = rush.replace({"decay": "exponential"})
    runs = [
        kt.simulate(
            place, kt.Strategy(**{"discard": "discard newcomer", **decisions}), replications=9
        )
        for decisions in (strategy, like)
    ]
    mine, other = (run.ledger.drop(columns="strategy") for run in runs)
    assert {"discard", "pickup", "move"} <= set(mine["event"])
    pd.testing.assert_frame_equal(mine, other)


def test_what_never_spoils_is_issued_after_all_that_does():
    rule = BUILT_IN["issue"]["soonest to expire"]
    assert rule(candidate(expires_in_s=1e12)) < rule(candidate(expires_in_s=math.inf)) < math.inf


@pytest.mark.parametrize("decision", BUILT_IN)
def test_every_shipped_rule_has_a_line_that_describes_it(decision):
    for name, rule in BUILT_IN[decision].items():
        assert rule.name == name == name.lower().replace("_", " ")
        assert rule.description.endswith(".")
        assert find_rule(decision, name) is rule


PRICE_AWARE = {
    "discard": ("lowest revenue per shelf second", "lowest value per shelf second"),
    "demote": ("least revenue at risk", "slowest decaying"),
    "recall": ("largest revenue gain", "largest gain"),
}
"""Rules that weigh each order by its price, and their twins that do not."""


def priced(scenario, folder, low, high):
    """The scenario with prices between these two on its menu."""
    menu, path = kt.draw(scenario).menu.frame(), folder / f"prices from {low}.parquet"
    prices = np.random.default_rng(1).uniform(low, high, len(menu))
    menu.assign(price=prices).to_parquet(path)
    return scenario.replace({"orders.file": str(path)})


@pytest.mark.parametrize("eta", ["unknown", "exact", 2.0])
@pytest.mark.parametrize("decision", PRICE_AWARE)
def test_where_all_prices_are_one_a_price_aware_rule_chooses_as_its_twin(
    crowded, tmp_path, decision, eta
):
    crowded = crowded.replace({"eta": eta})
    even, uneven = priced(crowded, tmp_path, 1, 1), priced(crowded, tmp_path, 5, 40)
    strategies = [
        kt.Strategy(**{"discard": "random", "discard_from": "anywhere", decision: rule})
        for rule in PRICE_AWARE[decision]
    ]
    one, twin = (ledger(even, strategy) for strategy in strategies)
    pd.testing.assert_frame_equal(one, twin, check_exact=True)
    one, twin = (ledger(uneven, strategy) for strategy in strategies)
    assert not one.equals(twin)


@pytest.mark.parametrize("eta", ["unknown", "exact"])
def test_lowest_revenue_per_shelf_second_earns_most_where_many_are_discarded_and_prices_differ(
    rush, tmp_path, eta
):
    """A rush with couriers of 4 to 12 s, in which a third is discarded, and prices of 5 to 40."""
    late = {"eta": eta, "couriers.delay": {"distribution": "uniform", "low": 4.0, "high": 12.0}}
    best = PRICE_AWARE["discard"][0]
    others = [name for name in DISCARD if name != best]
    scenario = priced(rush.replace(late), tmp_path, 5, 40)
    table = kt.compare(scenario, [best, *others], replications=500, seed=1)
    more = table.paired[table.paired["measure"] == "revenue"].set_index("strategy")
    assert set(more.index) == set(others)
    assert (more["high"] < 0).all()
    orders = kt.simulate(scenario, best, replications=500, seed=1).orders
    delivered = orders[orders["outcome"] == "delivered"]
    means = table.frame[table.frame["measure"] == "revenue"].set_index("strategy")["mean"]
    money = (delivered["price"] * delivered["value"]).sum() / 500
    assert means[best] == pytest.approx(money)


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "name", "message"),
    [
        ("discard", "lowest_valu", "Did you mean 'lowest value'? There are: discard newcomer, ran"),
        ("discard", "Oldest", "Did you mean 'oldest'?"),
        ("recall", "firstin", "Did you mean 'first in'?"),
        ("demote", "nobdy", "demote rule 'nobdy' is unknown. Did you mean 'nobody'?"),
        ("issue", "pooled", "issue rule 'pooled' is unknown."),
        ("discard", "", "discard rule '' is unknown."),
        ("discard", None, "discard rule: must be a name or a function, got"),
        ("discard", 3, "discard rule: must be a name or a function, got 3."),
        ("recall", ["first in"], "recall rule: must be a name or a function"),
    ],
)
def test_a_rule_that_is_not_there_is_refused_and_the_others_are_named(decision, name, message):
    with pytest.raises(RuleError) as caught:
        kt.Strategy(**{decision: name})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("decision", "name", "owner"),
    [
        ("discard", "first in", "a recall rule"),
        ("discard", "none", "a recall rule"),
        ("recall", "cheapest", "a discard rule"),
        ("recall", "oldest", "a discard rule"),
        ("recall", "nobody", "a demote rule"),
        ("demote", "last in first out", "an issue rule"),
        ("demote", "lowest value", "a discard or issue rule"),
        ("issue", "least harmed", "a demote rule"),
    ],
)
def test_a_rule_for_another_decision_is_refused_and_said_to_be_one(decision, name, owner):
    with pytest.raises(RuleError) as caught:
        kt.Strategy(**{decision: name})
    line = str(caught.value)
    assert line.startswith(f"{decision} rule {name!r} is unknown: it is {owner}. There are: ")
    assert all(known in line for known in BUILT_IN[decision])


def test_a_rule_for_another_decision_may_be_used_when_it_is_meant(rush):
    strategy = kt.Strategy(recall=DISCARD["cheapest"])
    assert strategy.recall is DISCARD["cheapest"]
    assert kt.simulate(rush, strategy).summary["moves"].sum() > 0


class Callable:
    def __call__(self, order):
        return order.value


@pytest.mark.parametrize(
    "thing", [max, len, Callable(), functools.partial(with_default, weight=2.0), Callable]
)
def test_what_is_callable_but_no_plain_function_is_refused(thing):
    with pytest.raises(RuleError, match="must be a plain Python function"):
        kt.Strategy(thing)


@pytest.mark.parametrize(
    "function",
    [lambda: 1.0, lambda a, b, c: 1.0, lambda order, *, k: 1.0],
)
def test_a_function_of_other_arguments_is_refused(function):
    with pytest.raises(RuleError, match=r"must take \(order\), or \(order, p\)"):
        kt.Strategy(function)


def test_parameters_for_a_rule_that_takes_none_are_refused():
    with pytest.raises(RuleError, match="2 parameters"):
        Rule(constant, params=(1.0, 2.0))


@pytest.mark.parametrize("params", [(math.nan,), (math.inf,), ("a",), (None,), 1.0, ([1.0],)])
def test_parameters_that_are_no_finite_numbers_are_refused(params):
    with pytest.raises(RuleError, match=r"rule 'of_many_kinds': params must be finite numbers\."):
        Rule(of_many_kinds, params=params)


def nan_when_late(order, p):
    if order.waited_s > p[0]:
        return math.nan
    return order.age_s


@pytest.mark.parametrize("decision", ["discard", "recall", "demote"])
@pytest.mark.parametrize("recall_when", ["eager", "blocked"])
def test_a_rule_that_returns_nan_is_named_with_the_order_and_the_time(rush, decision, recall_when):
    rule = Rule(nan_when_late, "mine", (2.0,))
    strategy = kt.Strategy(**{"recall_when": recall_when, decision: rule})
    trace = kt.draw(rush, replications=20, seed=1, first=7)
    with pytest.raises(RuleError) as caught:
        kt.simulate(rush, strategy, trace=trace)
    line = str(caught.value)
    assert line.startswith("rule 'mine' returned nan for order ")
    order, name, time, replication = _parts(line)
    frame = trace.frame().set_index(["replication", "order"])
    assert name == frame.loc[(replication, order), "name"]
    assert time - frame.loc[(replication, order), "ready_s"] > 2.0 - 0.005  # told to two digits


def _parts(line):
    """Order, name, time and replication of a complaint about nan."""
    head, rest = line.removesuffix(".").split(" (", 1)
    name, rest = rest.split(") at ", 1)
    time, replication = rest.split(" s of replication ")
    return int(head.split()[-1]), name.strip("'\""), float(time), int(replication)


def test_the_first_replication_that_fails_is_told_whatever_the_threads(rush):
    rule = Rule(nan_when_late, "mine", (3.0,))
    lines = set()
    for threads in (1, 2, 7):
        with pytest.raises(RuleError) as caught:
            kt.simulate(rush, rule, replications=100, seed=1, threads=threads)
        lines.add(str(caught.value))
    assert len(lines) == 1


def raises_when_late(order):
    if order.waited_s > 2.0:
        raise ValueError("too late")
    return order.age_s


def test_a_rule_that_raises_is_told_with_its_line_and_reason(crowded):
    with pytest.raises(RuleError) as caught:
        ledger(crowded, raises_when_late)
    line = str(caught.value)
    for part in ("raises_when_late", "ValueError", "too late", 'raise ValueError("too late")'):
        assert part in line
    assert len(line.splitlines()) == 1


def beyond_its_parameters(order, p):
    return p[5] * order.value


def test_a_parameter_that_is_not_there_is_told(crowded):
    with pytest.raises(RuleError, match="IndexError") as caught:
        ledger(crowded, Rule(beyond_its_parameters, params=(1.0,)))
    assert "beyond_its_parameters" in str(caught.value)
    assert "compiling.py" not in str(caught.value)


def misspelt(order):
    return order.vaule


def returns_text(order):
    return "high"


def returns_nothing(order):
    return None


def returns_two(order):
    return order.value, order.age_s


def opens_a_file(order):
    with open("scores.txt") as file:
        return float(file.read())


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (misspelt, ["'vaule'", "Did you mean 'value'?"]),
        (returns_text, ["does not return a number"]),
        (returns_nothing, ["does not return a number"]),
        (returns_two, ["does not return a number"]),
        (opens_a_file, ["line "]),
    ],
)
def test_a_rule_that_cannot_be_compiled_is_told_with_line_and_reason(rush, function, parts):
    with pytest.raises(RuleError) as caught:
        kt.simulate(rush, function)
    line = str(caught.value)
    assert line.startswith(f"rule {function.__name__!r} cannot be compiled: line ")
    first = function.__code__.co_firstlineno
    number = int(line.split("line ", 1)[1].split()[0].rstrip(":"))
    assert first <= number <= first + 3
    assert all(part in line for part in parts)
    assert len(line.splitlines()) == 1
