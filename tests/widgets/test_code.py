"""What a page shows, as a script: run in an empty namespace, it gives the very same figures."""

import ast
import contextlib
import io
import linecache
import math
from types import FunctionType

import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scenarios import DELAYS, NAMES, scenarios

import kitchen as kt
from kitchen.errors import KitchenError, ScenarioError
from kitchen.model.decay import law_name
from kitchen.model.rules import BUILT_IN, Rule
from kitchen.model.scenario import SHIPPED
from kitchen.model.strategy import as_strategy
from kitchen.widgets.code import as_python, differences

SHIPPED_NAMES = kt.Scenario.shipped()
WEIGHT = 0.25


def my_rule(order):
    """Throw away what costs least."""
    # the newcomer pays double
    return order.price * (2.0 if order.is_newcomer else 1.0)


def by_root(order):
    return WEIGHT * math.sqrt(order.value) - np.exp(-order.age_s)


def table(order, p):
    return p[0] * order.age_s + p[1] * max(order.value, 0.5)


@numba.njit
def half(price):
    return price / 2.0


def helped(order):
    return half(order.price)


def slow_then_fast(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.0 - (decay_rate * weighted_age_s / shelf_life_s) ** 2


def run(script, **defined):
    """What a script leaves behind, and what it prints."""
    scope, out = dict(defined), io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(script, "<script>", "exec"), scope)
    return scope, out.getvalue()


def same_comparison(scenario, base, strategies, **options):
    """Run the script of a comparison and hold it against the comparison itself; returns it."""
    options = {"replications": 3, "seed": 7, **options}
    script = as_python(scenario, base, strategies, **options)
    scope, out = run(script)
    assert law_name(scope["scenario"].decay) == law_name(scenario.decay)
    named = {"decay": "linear"}  # a law of one's own is another function there
    assert scope["scenario"].replace(named) == scenario.replace(named)
    expected = kt.compare(scenario, strategies, **options)
    pd.testing.assert_frame_equal(scope["table"].frame, expected.frame)
    pd.testing.assert_frame_equal(scope["table"].paired, expected.paired)
    assert out == expected.verdict + "\n"
    assert [s.describe() for s in scope["table"].strategies] == [
        s.describe() for s in expected.strategies
    ]
    return script


# Comparisons


@pytest.mark.parametrize("name", [*SHIPPED_NAMES, None])
def test_a_script_gives_the_figures_that_it_was_made_of(name):
    scenario = kt.Scenario.load(name or "rush").replace({"name": "mine"})
    same_comparison(scenario, name, ["random", "oldest"], replications=2)


def test_a_script_reads_as_somebody_would_have_written_it(rush):
    scenario = rush.replace({"arrivals.rate": 12, "shelves.overflow.capacity": 20})
    strategies = [
        "random",
        kt.Strategy("latest pickup", recall=None, discard_from="anywhere"),
        kt.Strategy("oldest", name="the oldest"),
    ]
    assert same_comparison(scenario, "rush", strategies) == (
        "import kitchen as kt\n"
        "\n"
        'scenario = kt.Scenario.load("rush").replace({\n'
        '    "arrivals.rate": 12.0,\n'
        '    "shelves.overflow.capacity": 20,\n'
        "})\n"
        "strategies = [\n"
        '    "random",\n'
        '    kt.Strategy("latest pickup", recall=None, discard_from="anywhere"),\n'
        '    kt.Strategy("oldest", name="the oldest"),\n'
        "]\n"
        "table = kt.compare(scenario, strategies, replications=3, seed=7)\n"
        "print(table.verdict)\n"
        "kt.plots.ranking(table.frame, table.measure)\n"
    )


def test_nothing_is_replaced_where_nothing_differs(rush):
    script = same_comparison(rush, "rush", ["random", "oldest"])
    assert 'scenario = kt.Scenario.load("rush")\n' in script


CHANGES = [
    {"eta": "exact", "waste_below": 0.1 + 0.2},
    {"couriers.delay": {"distribution": "lognormal", "median": 4.0, "sigma": 1 / 3}},
    {"couriers.delay": {"distribution": "empirical", "values": [n / 7 for n in range(60)]}},
    {"couriers.delay.high": 9.0, "orders.prep": {"distribution": "constant", "value": 1.0}},
    {"orders.count": None, "orders.duration_s": 5.5, "orders.sampling": "in order"},
    {"arrivals": {"process": "piecewise", "from_s": [0, 2.5], "rates": [3.0, 20.0]}},
    {"shelves.overflow.modifier": {"hot": 2.0, "cold": 3.5}, "decay": "exponential"},
    {"orders.file": str(SHIPPED / "dinner_orders.csv")},
    {"decay": slow_then_fast},
    {"shelves.hot.name": 'it\'s "hot"\n\\', "name": "'''\"\"\"\\\n#"},
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: next(iter(changes)))
@pytest.mark.parametrize("base", ["rush", None])
def test_whatever_was_changed_is_in_the_script(rush, changes, base):
    script = same_comparison(rush.replace(changes), base, ["random", "soonest to expire"])
    assert str(SHIPPED) not in script
    assert max(map(len, script.splitlines())) < 110


def test_the_base_may_be_a_file(rush, tmp_path):
    path = tmp_path / "mine \"'.toml"
    rush.replace({"arrivals.rate": 8.0}).save(path)
    same_comparison(rush, path, ["random", "oldest"])
    same_comparison(rush, str(path), ["random", "oldest"])


def test_further_arguments_are_handed_on(rush):
    script = same_comparison(
        rush, "rush", ["random", "oldest"], baseline="oldest", bound=True, precision=None
    )
    assert 'seed=7, baseline="oldest", bound=True)' in script
    same_comparison(rush, "rush", ["random", "oldest"], replications=np.int64(4), warm_up_s=2.5)


def test_one_strategy_alone_is_compared_with_nobody(rush):
    script = as_python(rush, "rush", ["random"], replications=2, seed=1)
    scope, _ = run(script)
    assert len(scope["table"].strategies) == 1


@given(scenarios())
def test_any_scenario_comes_back_from_its_script_whole(data):
    scenario = kt.Scenario.from_dict(data)
    script = as_python(scenario, None, ["random", "oldest"], replications=1, seed=0)
    world = script[: script.index("strategies = [")]
    assert run(world)[0]["scenario"] == scenario


# Strategies


RULES = {d: [None, *BUILT_IN[d].values(), *BUILT_IN["discard"].values()] for d in BUILT_IN}


@given(
    st.fixed_dictionaries(
        {
            "discard": st.sampled_from([rule for rule in RULES["discard"] if rule]),
            "recall": st.sampled_from(RULES["recall"]),
            "demote": st.sampled_from(RULES["demote"]),
            "issue": st.sampled_from(RULES["issue"]),
            "recall_when": st.sampled_from(["eager", "blocked"]),
            "discard_from": st.sampled_from(["overflow", "overflow+newcomer", "anywhere"]),
            "name": st.none() | NAMES.filter(str.strip),
        }
    )
)
def test_any_strategy_comes_back_from_its_script(settings):
    strategy = kt.Strategy(**settings)
    script = as_python(RUSH, "rush", [strategy, "random"], replications=1, seed=0)
    scope, _ = run(script[: script.index("table = ")])
    made = as_strategy(scope["strategies"][0])
    assert made.name == strategy.name
    assert made.rules == strategy.rules
    assert made.describe() == strategy.describe()


def test_functions_of_ones_own_are_there_with_their_source(rush):
    scenario = rush.replace({"decay": slow_then_fast})
    strategies = [
        "random",
        my_rule,
        kt.Strategy("oldest", demote=by_root, recall=kt.rules.oldest, name="careful"),
        kt.Strategy(Rule(table, params=(0.5, -1 / 3)), name="mix"),
    ]
    script = as_python(scenario, "rush", strategies, replications=3, seed=7)
    scope, _ = run(script)
    expected = kt.compare(scenario, strategies, replications=3, seed=7)
    pd.testing.assert_frame_equal(scope["table"].frame, expected.frame)
    assert "import math\nimport numpy as np\nWEIGHT = 0.25\n" in script
    assert "    # the newcomer pays double\n" in script
    assert "def table_2(order, p):" in script
    assert 'kt.Rule(table_2, "table", (0.5, -0.3333333333333333,))' in script
    assert "recall=kt.rules.oldest" in script


def test_a_function_whose_source_would_not_do_is_only_named(rush):
    bonus = 2.0

    def inner(order):
        return bonus * order.price

    without_file = FunctionType(my_rule.__code__.replace(co_filename="<gone>"), {}, "typed")
    for function in (inner, helped, without_file):
        script = as_python(rush, "rush", ["random", function], replications=2, seed=1)
        name = function.__name__
        assert f"# Define {name} above this line: it is a function of your own.\n" in script
        assert "def " not in script
        scope, _ = run(script, **{name: function})
        expected = kt.compare(rush, ["random", function], replications=2, seed=1)
        pd.testing.assert_frame_equal(scope["table"].frame, expected.frame)


def test_a_source_that_has_changed_since_is_not_taken(rush, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def mine(order):\n    return order.price\n")
    scope = {}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    strategies = ["random", scope["mine"]]
    assert "def mine(order):" in as_python(rush, "rush", strategies, replications=2, seed=1)
    path.write_text("def mine(order):\n    return order.value\n")
    linecache.checkcache(str(path))
    assert "def mine" not in as_python(rush, "rush", strategies, replications=2, seed=1)


def test_a_function_without_a_name_gets_one(rush):
    cheap = Rule(lambda order: order.price, 'cheap\n"import os"')
    dear = Rule(lambda order: -order.price, "???")
    script = as_python(rush, "rush", [cheap, dear], replications=2, seed=1)
    defined = {"cheap_import_os": cheap.function, "my_function": dear.function}
    scope, _ = run(script, **defined)
    assert [s.name for s in scope["table"].strategies] == [cheap.name, "???"]
    imports = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import)]
    assert len(imports) == 1


def test_functions_of_one_name_are_kept_apart(rush):
    twin = FunctionType(by_root.__code__, {**globals(), "WEIGHT": 4.0}, "my_rule")
    strategies = [my_rule, kt.Strategy(Rule(twin, "twin"))]
    script = as_python(rush, "rush", strategies, replications=2, seed=1)
    assert "# Define my_rule_2 above this line (it is called 'twin')" in script
    scope, _ = run(script, my_rule_2=twin)
    expected = kt.compare(rush, strategies, replications=2, seed=1)
    pd.testing.assert_frame_equal(scope["table"].frame, expected.frame)


@pytest.mark.parametrize("name", ["kt", "scenario", "strategies", "max", "lambda_"])
def test_a_function_never_takes_a_name_that_the_script_needs(rush, name):
    function = FunctionType(my_rule.__code__, globals(), name)
    script = as_python(rush, "rush", [function, "random"], replications=2, seed=1)
    called = name if name == "lambda_" else f"{name}_2"
    scope, _ = run(script, **{called: function})
    assert scope["table"].strategies[0].name == name


# Runs


def test_a_run_is_simulated_and_shown(rush):
    script = as_python(
        rush, "rush", ["random"], replications=2, seed=3, what="simulate", step_s=0.5
    )
    scope, out = run(script)
    expected = kt.simulate(rush, "random", replications=2, seed=3, step_s=0.5)
    pd.testing.assert_frame_equal(scope["run"].shelves, expected.shelves)
    assert "delivered_share" in out


def test_two_runs_meet_the_same_orders(rush):
    strategies = ["random", kt.Strategy("oldest", recall=None)]
    script = as_python(rush, "rush", strategies, replications=1, seed=3, what="simulate")
    scope, out = run(script)
    for made, strategy in zip(scope["runs"], strategies, strict=True):
        pd.testing.assert_frame_equal(made.ledger, kt.simulate(rush, strategy, seed=3).ledger)
    assert "oldest, recall none\n" in out


# Refusals


def test_what_no_script_can_be_made_of_is_refused(rush):
    strategies = ["random", "oldest"]
    with pytest.raises(
        KitchenError, match="kind of script 'compar' is unknown. Did you mean 'comp"
    ):
        as_python(rush, "rush", strategies, replications=1, seed=0, what="compar")
    with pytest.raises(KitchenError, match="trace: a script can hold texts and numbers only, got"):
        as_python(rush, "rush", strategies, replications=1, seed=0, trace=kt.draw(rush))
    with pytest.raises(ScenarioError, match="Did you mean 'rush'"):
        as_python(rush, "rsuh", strategies, replications=1, seed=0)


# Differences

RUSH = kt.Scenario.load("rush")
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "decay": st.sampled_from(["linear", "weighted", "cliff"]),
        "waste_below": st.floats(0, 0.9),
        "eta": st.sampled_from(["unknown", "exact"]) | st.floats(0, 1e3),
        "orders.count": st.integers(0, 50),
        "orders.prep": DELAYS,
        "orders.file": st.sampled_from([None, str(SHIPPED / "dinner_orders.csv"), "mine.csv"]),
        "arrivals.rate": st.floats(0.1, 1e3),
        "couriers.delay": DELAYS,
        "shelves.hot.capacity": st.integers(0, 30),
        "shelves.3.capacity": st.integers(0, 30),
        "shelves.overflow.modifier": st.floats(0, 5) | st.dictionaries(NAMES, st.floats(0, 5)),
        "shelves.cold.name": NAMES.filter(lambda name: name not in ("hot", "frozen", "overflow")),
    },
)


@given(SETTINGS)
def test_differences_make_the_one_of_the_other(changes):
    changed = RUSH.replace(changes)
    found = differences(RUSH, changed)
    assert RUSH.replace(found) == changed
    assert changed.replace(differences(changed, RUSH)) == RUSH
    assert differences(changed, changed) == {}


@given(scenarios(), scenarios())
def test_differences_lead_from_any_scenario_to_any_other(one, other):
    base, changed = kt.Scenario.from_dict(one), kt.Scenario.from_dict(other)
    assert base.replace(differences(base, changed)) == changed


@settings(max_examples=25)
@given(SETTINGS.filter(lambda changes: changes.get("orders.file") != "mine.csv"))
def test_a_script_of_any_changes_gives_the_scenario(changes):
    changed = RUSH.replace(changes)
    script = as_python(changed, "rush", ["random", "oldest"], replications=1, seed=0)
    ast.parse(script)
    assert run(script[: script.index("strategies = [")])[0]["scenario"] == changed


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"arrivals.rate": 12}, {"arrivals.rate": 12.0}),
        ({"shelves.3.capacity": 20}, {"shelves.overflow.capacity": 20}),
        ({"couriers.delay.high": 9.0}, {"couriers.delay.high": 9.0}),
        ({"arrivals": {"process": "regular", "rate": 10.0}}, {"arrivals": {"process": "regular", "rate": 10.0}}),
        (
            {"couriers.delay": {"distribution": "constant", "value": 2.0}},
            {"couriers.delay": {"distribution": "constant", "value": 2.0}},
        ),
        (
            {"couriers.delay.low": 1.0, "couriers.delay.high": 9.0},
            {"couriers.delay": {"distribution": "uniform", "low": 1.0, "high": 9.0}},
        ),
        ({"orders.count": None}, {"orders.count": None}),
        ({"orders.file": str(SHIPPED / "dinner_orders.csv")}, {"orders.file": "dinner_orders.csv"}),
    ],
)  # fmt: skip
def test_differences_are_as_few_paths_as_read_well(rush, changes, found):
    assert differences(rush, rush.replace(changes)) == found


def test_shelves_that_a_path_cannot_name_are_replaced_as_a_whole(rush):
    renamed = rush.replace({"shelves.hot.name": "warm"})
    assert list(differences(rush, renamed)) == ["shelves"]
    dotted = rush.replace({"shelves.hot.name": "a.b"})
    assert list(differences(dotted, dotted.replace({"shelves.0.capacity": 3}))) == ["shelves"]
    assert list(differences(rush, rush.replace({"shelves": rush.model_dump()["shelves"][:2]}))) == [
        "shelves"
    ]
