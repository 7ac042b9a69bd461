"""`check_rule` and `check_strategy`: what is wrong is said in plain words, and nothing is raised."""

import math
import random
import time
from random import random as draw_lots

import numba
import numpy as np
import pytest
from support.strategies import CALLED_RULES, FIELD_RULES

import kitchen as kt
from kitchen.errors import KitchenError, RuleError
from kitchen.model.rules import BUILT_IN, CANDIDATE, FIELDS, Rule
from kitchen.testing.rule_cases import ORDINARY, fields_read, trial_orders
from kitchen.testing.rule_checks import Report, check_rule, check_strategy

DECISIONS = list(BUILT_IN)
SHIPPED = [(decision, name) for decision in BUILT_IN for name in BUILT_IN[decision]]


def only(report):
    """The one finding of a report."""
    assert len(report.findings) == 1, report
    assert not report.ok and not report
    return report.findings[0]


# --- rules that are sound ------------------------------------------------------------------------


@pytest.mark.parametrize(("decision", "name"), SHIPPED)
def test_nothing_is_wrong_with_a_shipped_rule(decision, name):
    report = check_rule(name, decision)
    assert report.ok and bool(report)
    assert report.findings == []
    assert repr(report).startswith(f"{decision} rule {name!r}: nothing wrong was found")


@pytest.mark.parametrize(
    "field", [f for f in FIELDS if f not in ("temp", "shelf", "is_newcomer", "u")]
)
def test_which_way_a_rule_works_is_told(field):
    up, down = (Rule(CALLED_RULES[field], params=(sign,)) for sign in (1.0, -1.0))
    assert check_rule(up).notes[-1] == (
        f"All else being equal it discards the order with the lower {field}."
    )
    assert check_rule(down).notes[-1] == (
        f"All else being equal it discards the order with the higher {field}."
    )


def now_this_now_that(order):
    return order.price if order.value > 0.95 else -order.price


def test_a_rule_that_works_both_ways_is_told_of():
    assert "now the lower, now the higher price" in check_rule(now_this_now_that).notes[-1]


def test_a_rule_that_draws_lots_is_called_so():
    assert check_rule(FIELD_RULES["u"]).notes == ["It reads u only: it chooses by lot."]


def test_a_decision_without_a_rule_is_told_in_words():
    report = check_rule("none", "recall")
    assert report.ok
    assert report.notes == ["Without a rule what stands on a later shelf stays there."]
    assert check_rule(None, "demote").ok


FACTOR, WEIGHTS = 2.5, np.array([1.0, 2.0])


def with_a_factor(order):
    return FACTOR * order.value


def with_weights(order):
    return WEIGHTS[1] * order.value


@numba.njit
def helper(value):
    return FACTOR * value


def with_a_helper(order):
    return helper(order.value)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (with_a_factor, "It depends on FACTOR = 2.5, as it is when a simulation starts"),
        (with_weights, "It reads the array 'WEIGHTS' as it is when a simulation starts"),
        (with_a_helper, "It depends on FACTOR = 2.5"),
    ],
)
def test_numbers_from_outside_are_noted(function, words):
    report = check_rule(function)
    assert report.ok
    assert report.notes[0].startswith(words)


def price_of_mine(order):
    return order.price


def test_a_field_is_not_taken_for_a_thing_of_the_same_name(monkeypatch):
    monkeypatch.setitem(globals(), "price", [1, 2, 3])
    assert check_rule(price_of_mine).ok


# --- rules that are not --------------------------------------------------------------------------


def misspelt(order):
    return order.vaule


def a_text(order):
    return "high"


def nothing_now_and_then(order):
    if order.value > 0.5:
        return order.value


def a_list(order):
    return [order.value]


def yes_or_no(order):
    return order.value > 0.5


def late_ones_break(order):
    if order.age_s > 20.0:
        raise ValueError("too late")
    return order.value


def inf_minus_inf(order):
    return order.expires_in_s - order.expires_in_home_s


def logarithm(order):
    return math.log(order.value)


def exponential(order):
    return math.exp(order.age_s)


def one_over_a_count(order):
    return 1.0 / int(order.is_newcomer)


def always_three(order):
    return 3.0


def of_the_price_nothing(order):
    return 0.0 * order.price


def never_anyone(order):
    return math.inf


def too_far(order):
    return WEIGHTS[order.shelf]


def beyond(order, p):
    return p[3] * order.value


def overwrites(order):
    order.value = 0.0
    return order.age_s


def overwrites_parameters(order, p):
    p[0] += 1.0
    return order.value


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        (misspelt, ["cannot be compiled", "field 'vaule' is unknown. Did you mean 'value'?"]),
        (nothing_now_and_then, ["It returns nothing for", "a way through it has no return"]),
        (yes_or_no, ["It returns True or False, which count as 1 and 0."]),
        (late_ones_break, ["raises ValueError: too late in 'late_ones_break', line", "age_s = 2"]),
        (
            inf_minus_inf,
            ["nan", "for an order that never expires (expires_in_s = inf, expires_in_h"],
        ),
        (
            logarithm,
            [
                "disagree for an order that has expired and keeps its slot (value = 0.0)",
                "math domain",
            ]
            + ["'logarithm', line", "compiled, as the kitchen runs it, it returns -inf."],
        ),
        (exponential, ["OverflowError", "for an order of huge numbers", "it returns inf."]),
        (one_over_a_count, ["ZeroDivisionError", "an ordinary order (is_newcomer = 0.0)"]),
        (always_three, ["It reads no field of the order and returns 3.0 for every order"]),
        (
            of_the_price_nothing,
            ["It returns 0.0 for every order: it does not distinguish candidates"],
        ),
        (never_anyone, ["It returns inf for every order: it never lets anyone go"]),
        (too_far, ["IndexError: index 3 is out of bounds", "'too_far', line", "(shelf = 3)"]),
        (Rule(beyond, params=(1.0,)), ["IndexError", "'beyond', line"]),
        (
            beyond,
            [
                "takes parameters, beyond(order, p), and has none. Give their values: kt.Rule(beyond, params=["
            ],
        ),
        (overwrites, ["It changes the order, or the parameters, that it is given"]),
        (Rule(overwrites_parameters, params=(1.0,)), ["It changes the order, or the parameters"]),
    ],
    ids=lambda value: getattr(value, "__name__", "") or getattr(value, "name", ""),
)
def test_what_is_wrong_is_said_in_one_finding(rule, parts):
    finding = only(check_rule(rule))
    assert all(part in finding for part in parts), finding
    assert len(finding.splitlines()) == 1


@pytest.mark.parametrize(
    ("function", "words"), [(a_text, "It returns str 'high' for"), (a_list, "It returns list [")]
)
def test_what_is_no_number_is_shown_before_it_fails_to_compile(function, words):
    first, second = check_rule(function).findings
    assert first.startswith(words) and first.endswith("which is no number.")
    assert second.startswith("It cannot be compiled")


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (lambda: 1.0, "must take (order), or (order, p)"),
        (lambda a, b, c: 1.0, "must take (order), or (order, p)"),
        (max, "must be a plain Python function"),
        (3, "must be a name or a function, got 3."),
        (None, "must be a name or a function, got null."),
        ("oldset", "Did you mean 'oldest'?"),
        ("fastest decaying", "discard rule 'fastest decaying' is unknown: it is a recall rule."),
    ],
)
def test_what_is_no_rule_at_all_is_told_and_not_raised(thing, words):
    assert words in only(check_rule(thing))


@pytest.mark.parametrize("decision", ["discrad", "", None, 3, ["discard"]])
def test_a_decision_that_there_is_not_is_refused(decision):
    with pytest.raises(RuleError, match="There are: demote, recall, discard, issue"):
        check_rule("oldest", decision)


def is_new(order):
    return 0.0 if order.is_newcomer else math.inf


@pytest.mark.parametrize(
    ("decision", "words"),
    [("recall", "it never moves anyone"), ("issue", "it never gives an order to a courier")],
)
def test_a_rule_for_newcomers_chooses_nobody_where_there_are_none(decision, words):
    report = check_rule(is_new, decision)
    assert words in only(report)
    assert any("is_newcomer, which is always 0" in note for note in report.notes)
    assert check_rule(is_new, "discard").ok
    assert check_rule(is_new, "demote").ok


def few_scores(order):
    return 1.0 if order.price > 10.0 else 0.0


def test_a_rule_that_knows_few_scores_is_told_what_that_means():
    report = check_rule(few_scores)
    assert report.ok
    assert report.notes[0].startswith("It knows 2 scores only (0.0, 1.0); of orders of one score")


# --- what hides ----------------------------------------------------------------------------------

PRICES, TABLE, CALLS = [1.0, 2.0], {"hot": 1.0}, 0


class Settings:
    weight = 2.0


SETTINGS = Settings()


def by_chance(order):
    return random.random() * order.value


def by_chance_of_numpy(order):
    return np.random.random() * order.value


def by_the_clock(order):
    return time.time() - order.age_s


def reads_a_list(order):
    return PRICES[0] * order.value


def reads_a_table(order):
    return TABLE["hot"] * order.value


def reads_an_object(order):
    return SETTINGS.weight * order.value


def counts_its_calls(order):
    global CALLS
    CALLS += 1
    return order.value + CALLS


def remembers(order, seen=[]):  # noqa: B006
    seen.append(order.value)
    return order.value


def says_what_it_sees(order):
    print(order.value)
    return order.value


def _counter():
    count = 0

    def counts(order):
        nonlocal count
        count += 1
        return order.value + count

    return counts


@numba.njit
def a_helper_by_chance(value):
    return value * np.random.random()


def by_chance_through_a_helper(order):
    return a_helper_by_chance(order.value)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (by_chance, "It uses 'random', so it depends on something other than the order"),
        (by_chance_of_numpy, "It uses 'np', so it depends on something other than the order"),
        (by_chance_through_a_helper, "It uses 'np', so it depends on something other than"),
        (by_the_clock, "It uses 'time', so it depends on something other than the order"),
        (reads_a_list, "It reads 'PRICES', a list that stands outside of it and can change"),
        (reads_a_table, "It reads 'TABLE', a dict that stands outside of it and can change"),
        (reads_an_object, "It reads 'SETTINGS', a Settings, which compiled code cannot hold."),
        (counts_its_calls, "It changes 'CALLS', which stands outside of it."),
        (_counter(), "It changes 'count', which stands outside of it."),
        (remembers, "A default argument is a list"),
        (says_what_it_sees, "It prints, each time that it is asked about an order."),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_a_rule_uses_beside_the_order_is_told(function, words, capsys):
    report = check_rule(function)
    assert report.findings[0].startswith(words), report
    assert not any("plain Python and compiled code disagree" in f for f in report.findings)


def by_a_hidden_chance(order):
    return draw_lots() * order.value


@pytest.mark.parametrize(
    "function",
    [by_chance, by_chance_of_numpy, by_chance_through_a_helper, by_a_hidden_chance, _counter()],
)
def test_a_rule_that_says_now_this_now_that_is_found_by_asking_twice(function):
    findings = check_rule(function).findings
    assert any(f.startswith("It is not deterministic: asked twice for ") for f in findings)


def uses_what_is_not_there(order):
    return nowhere * order.value  # noqa: F821


def _with_an_empty_cell():
    def rule(order):
        return later * order.value

    return rule
    later = 1.0


def test_what_is_not_defined_is_named():
    for function, name in ((uses_what_is_not_there, "nowhere"), (_with_an_empty_cell(), "later")):
        report = check_rule(function)
        assert report.findings[0] == f"It uses {name!r}, which there is not."
        assert report.findings[-1].startswith("It cannot be compiled")


PRICE = "price"


def by_a_kept_name(order):
    return order[PRICE] + 0.0 * order.value


def by_position(order):
    return 2.0 * order[5] + order.value


@pytest.mark.parametrize("function", [by_a_kept_name, by_position])
def test_a_field_that_the_engine_would_not_fill_is_told_of(function):
    rule = Rule(function)
    if "price" in rule.fields:
        assert check_rule(function).ok
    else:
        assert "It reads price by position, or by a name that is kept elsewhere" in only(
            check_rule(function)
        )


def yields(order):
    yield order.value


async def waits(order):
    return order.value


@pytest.mark.parametrize("function", [yields, waits])
def test_a_function_that_does_not_return_is_told_so(function):
    assert "must return a number" in only(check_rule(function))


def beyond_all_numbers(order):
    return 10**400 if order.value > 0.5 else -(10**400)


def test_a_number_that_does_not_fit_is_told_and_not_raised():
    assert not check_rule(beyond_all_numbers).ok


# --- the orders that rules are tried on ----------------------------------------------------------


@pytest.mark.parametrize("decision", DECISIONS)
def test_rules_are_tried_on_orders_that_the_decision_may_be_about(decision):
    orders, labels = trial_orders(decision)
    assert orders.dtype.descr == CANDIDATE.descr or orders.dtype.names == CANDIDATE.names
    assert len(orders) == len(labels) > ORDINARY
    new = orders["is_newcomer"] == 1.0
    assert (new == (orders["shelf"] == -1)).all()
    assert new.any() == (decision in ("demote", "discard"))
    assert not new.all()
    assert (orders["age_s"][new & (np.arange(len(orders)) < ORDINARY)] == 0.0).all()
    if decision == "recall":
        assert (orders["shelf"] == 3).all()


@pytest.mark.parametrize("decision", DECISIONS)
def test_ordinary_orders_make_sense(decision):
    orders = trial_orders(decision)[0][:ORDINARY]
    assert ((orders.value > 0.0) & (orders.value <= 1.0)).all()
    assert (orders.value_at_pickup <= orders.value).all()
    assert (orders.value_at_pickup <= orders.value_at_pickup_home).all()
    assert (orders.expires_in_s <= orders.expires_in_home_s).all()
    assert (orders.age_s == orders.waited_s).all()
    assert (orders.shelf_life_s > 0.0).all()
    assert ((orders.value_at_pickup == 0.0) == (orders.expires_in_s <= orders.pickup_in_s)).all()


def test_what_a_try_does_to_an_order_does_not_stay():
    before = trial_orders("discard")[0].copy()
    check_rule(overwrites)
    np.testing.assert_array_equal(trial_orders("discard")[0], before)


def test_fields_are_known_from_what_is_read_and_not_from_what_is_written():
    def price_if_new(order):
        return order["price"] if order.is_newcomer > 2.0 else order.u

    assert fields_read(Rule(price_if_new), trial_orders("discard")[0]) == {"is_newcomer", "u"}


# --- reports -------------------------------------------------------------------------------------


def test_a_report_is_text_and_html():
    report = check_rule(lambda order: "<b>")
    assert repr(report).startswith(
        "discard rule '<lambda>': 2 things to put right\n- It returns str"
    )
    page = report._repr_html_()
    assert "&lt;b&gt;" in page and "&lt;lambda&gt;" in page
    assert "<b>" not in page.replace("<b>discard rule", "")
    assert page.count("<li>") == len(report.findings) + len(report.notes)


def test_notes_are_no_faults():
    report = Report("it", notes=["so and so"])
    assert report.ok
    assert repr(report) == "it: nothing wrong was found\n  Note: so and so"
    assert "<p>Notes</p><ul><li>so and so</li></ul>" in report._repr_html_()
    assert repr(Report("it", ["so"])).splitlines() == ["it: one thing to put right", "- so"]


# --- strategies ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT_IN["discard"])
def test_nothing_is_wrong_with_a_shipped_strategy(rush, name):
    report = check_strategy(name, rush)
    assert report.ok
    assert repr(report).startswith(f"strategy {name!r}: nothing wrong was found")


def test_the_faults_of_all_four_rules_are_told():
    report = check_strategy(
        kt.Strategy(misspelt, inf_minus_inf, demote=always_three, issue=never_anyone, name="mine")
    )
    assert repr(report).startswith("strategy 'mine': 4 things to put right")
    for finding, decision in zip(
        report.findings, ("discard", "recall", "demote", "issue"), strict=True
    ):
        assert finding.startswith(f"{decision} rule ")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"discard": "oldst"}, "Did you mean 'oldest'?"),
        ({"recall": "cheapest"}, "is unknown: it is a discard rule."),
        ({"discad": "oldest"}, "unexpected keyword argument 'discad'"),
        ({"recall_when": "never"}, "recall_when 'never' is unknown."),
        ({"discard": max}, "must be a plain Python function"),
        (3, "must be a name or a function, got 3."),
    ],
)
def test_a_strategy_that_cannot_be_made_is_told_and_not_raised(settings, words):
    finding = only(check_strategy(settings))
    assert words in finding.replace("Recall_when", "recall_when")


def test_settings_may_be_checked_before_there_is_a_strategy():
    report = check_strategy({"discard": price_of_mine, "recall": None})
    assert report.ok
    assert report.about == "strategy 'price_of_mine, recall none'"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"recall": None, "recall_when": "blocked"}, "recall_when does nothing"),
        ({"recall": None, "demote": "slowest decaying"}, "never comes back"),
        (
            {"discard_from": "overflow"},
            "discard_from = 'overflow' does nothing: 'discard newcomer'",
        ),
        ({"discard_from": "anywhere"}, "discard_from = 'anywhere' does nothing"),
        ({"discard": "newest"}, "'newest' never chooses the newcomer: discard_from = 'overflow'"),
        ({"demote": FIELD_RULES["price"], "recall": FIELD_RULES["price"]}, "are the same rule"),
        ({"issue": "lowest value"}, "needs a scenario with expired_orders = 'removed'"),
        (
            {"issue": "lowest value", "discard": "latest pickup"},
            "discard rule 'latest pickup' goes by pickup_in_s, which speaks of the order's own courier",
        ),
    ],
)
def test_settings_that_work_against_each_other_are_noted(settings, words):
    report = check_strategy(kt.Strategy(**settings))
    assert report.ok
    assert any(words in note for note in report.notes), report


def test_sound_combinations_are_left_alone():
    about_rules = ("discard rule", "recall rule", "demote rule")
    for strategy in (
        kt.Strategy("oldest", discard_from="anywhere"),
        kt.Strategy("newest", discard_from="overflow"),
        kt.Strategy("latest pickup", "largest gain", "slowest decaying"),
        kt.Strategy(recall="fastest decaying", recall_when="blocked"),
    ):
        assert all(note.startswith(about_rules) for note in check_strategy(strategy).notes)


@pytest.mark.parametrize(
    ("settings", "other"),
    [
        ({"discard_from": "anywhere"}, {}),
        ({"discard": "newest"}, {"discard": "newest", "discard_from": "overflow"}),
        ({"recall": None, "recall_when": "blocked"}, {"recall": None}),
    ],
)
def test_what_is_said_to_do_nothing_does_nothing(rush, settings, other):
    one, two = (
        kt.simulate(rush, kt.Strategy(**s, name="x"), replications=10).ledger
        for s in (settings, other)
    )
    assert one.equals(two)


def test_rules_that_make_no_difference_in_a_scenario_are_noted(rush):
    quiet = rush.replace({"arrivals.rate": 0.1})
    notes = check_strategy(kt.Strategy("oldest", demote="slowest decaying"), quiet).notes
    assert any("nothing had to be discarded in 20 replications" in note for note in notes)
    assert any("demote rule 'slowest decaying' made no difference to 'nobody'" in n for n in notes)
    notes = check_strategy(kt.Strategy("oldest", demote="slowest decaying"), rush).notes
    assert not any("no difference" in note or "nothing had" in note for note in notes)


def test_while_delays_are_unknown_and_uniform_the_longest_to_go_is_the_newcomer(rush):
    def notes(eta):
        return check_strategy("latest pickup", rush.replace({"eta": eta})).notes

    told = "discard rule 'latest pickup' made no difference to 'discard newcomer'"
    assert any(told in note for note in notes("unknown"))
    assert not any(told in note for note in notes("exact"))


def test_a_pool_and_held_orders_are_told_together(rush):
    held = rush.replace({"expired_orders": "held"})
    assert "does not go with expired_orders = 'held'" in only(
        check_strategy(kt.Strategy(issue="lowest value"), held)
    )


@pytest.mark.parametrize("scenario", ["rush", {"name": "rush"}, 3])
def test_a_scenario_must_be_one(scenario):
    with pytest.raises(KitchenError, match="scenario: must be a Scenario"):
        check_strategy("oldest", scenario)


def test_both_checks_are_handed_on():
    assert kt.check_rule is check_rule
    assert kt.check_strategy is check_strategy
