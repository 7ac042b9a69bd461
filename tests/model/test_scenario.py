"""Scenarios: what a file may say, what is refused and in which words, and changed copies."""

import tomllib

import pytest
from hypothesis import given
from pydantic import ValidationError
from support.hostile_html import NASTY, harmless
from support.scenarios import scenarios

import kitchen as kt
from kitchen.errors import FileError, ScenarioError
from kitchen.model.decay import LAWS
from kitchen.model.scenario import SHIPPED, setting

RUSH = (SHIPPED / "rush.toml").read_text(encoding="utf-8")
NAMED = RUSH[: RUSH.index("name =")].count("\n") + 1
"""Line of the file of rush that names it."""
SHIPPED_NAMES = kt.Scenario.shipped()


@pytest.fixture
def load(tmp_path):
    """A function that loads a scenario from text or bytes in a file named mine.toml."""

    def load(content):
        path = tmp_path / "mine.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return kt.Scenario.load(path)

    return load


@pytest.fixture
def refusal(load):
    """A function that gives the one line with which a file is refused, without the folder."""

    def refusal(content, error=ScenarioError):
        with pytest.raises(error) as caught:
            load(content)
        line = str(caught.value)
        assert len(line.splitlines()) == 1
        assert line.endswith((".", "?"))
        return line[line.index("mine.toml") :]

    return refusal


def changed(old, new):
    """The file of rush with its first `old` replaced."""
    assert old in RUSH
    return RUSH.replace(old, new, 1)


# --- loading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_shipped_scenario_is_loaded_by_name_and_bears_it(name):
    assert kt.Scenario.load(name).name == name
    assert kt.Scenario.load(SHIPPED / f"{name}.toml") == kt.Scenario.load(name)


def test_the_scenarios_that_were_promised_ship():
    assert {"classic", "steady", "heater", "rush", "dinner"} <= set(SHIPPED_NAMES)


def test_a_file_may_begin_with_a_byte_order_mark(load, rush):
    assert load(b"\xef\xbb\xbf" + RUSH.encode()) == rush


def test_lines_may_end_as_in_windows(load, rush):
    assert load(RUSH.replace("\n", "\r\n")) == rush


def test_a_file_in_latin_1_is_refused_with_its_byte(refusal):
    line = refusal(changed('name = "rush"', 'name = "café"').encode("latin-1"), FileError)
    assert "0xe9" in line
    assert f"line {NAMED}" in line
    assert "UTF-8" in line


def test_a_name_may_be_of_any_letters(load):
    assert load(changed('name = "rush"', 'name = "Küche 厨房"')).name == "Küche 厨房"


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("rsuh", ScenarioError, "scenario 'rsuh' is unknown. Did you mean 'rush'?"),
        ("Rush", ScenarioError, "Did you mean 'rush'?"),
        ("", ScenarioError, ""),
        ("nowhere/mine.toml", FileError, "there is no such file"),
        (3, ScenarioError, "got 3"),
        (None, ScenarioError, "got "),
    ],
)
def test_a_scenario_that_is_not_there_is_refused(source, error, message):
    with pytest.raises((error, FileError)) as caught:
        kt.Scenario.load(source)
    assert message in str(caught.value)


def test_a_folder_is_no_scenario(tmp_path):
    with pytest.raises(FileError, match="is a folder"):
        kt.Scenario.load(tmp_path)


def test_a_menu_is_looked_for_beside_the_file_that_names_it(load, tmp_path):
    (tmp_path / "mine.csv").write_text("name,temp,shelf_life_s,decay_rate\nSoup,hot,99,0.5\n")
    scenario = load(changed("count = 132", 'count = 3\nfile = "mine.csv"'))
    assert kt.simulate(scenario).orders["name"].tolist() == ["Soup"] * 3


def test_a_menu_that_is_not_there_is_told_when_it_is_needed(load):
    scenario = load(changed("count = 132", 'file = "nowhere.json"'))
    with pytest.raises(FileError, match=r"nowhere\.json"):
        kt.draw(scenario)


# --- what a file may not say ---------------------------------------------------------------------

OVERFLOW = "capacity = 15\nmodifier = 2.0"
REFUSED = [
    # old, new, how the line goes on after the file's name
    ("capacity = 10", "capacity = -5", "shelves[0].capacity: must be a whole number of at least 0, got -5."),
    ("capacity = 10", "capacity = 2.5", "shelves[0].capacity: must be a whole number, got 2.5."),
    ("capacity = 10", "capacity = -10.0", "shelves[0].capacity: must be a whole number of at least 0, got -10."),
    ("capacity = 10", 'capacity = "10"', "shelves[0].capacity: must be a whole number, got '10'."),
    ("capacity = 10", "capacity = true", "shelves[0].capacity: must be a whole number, got true."),
    ("capacity = 10", "capacity = nan", "shelves[0].capacity: must be a whole number"),
    ("capacity = 10", "capacity = 1" + 30 * "0", "shelves[0].capacity: must be a whole number of at most"),
    ("capacity = 10", "capacty = 10", "shelves[0]: key 'capacty' is unknown. Did you mean 'capacity'?"),
    ("capacity = 10\n", "", "shelves[0].capacity: is missing."),
    ("rate = 10.0", "rate = nan", "arrivals.rate: must be a finite number, got nan."),
    ("rate = 10.0", "rate = inf", "arrivals.rate: must be a finite number, got inf."),
    ("rate = 10.0", "rate = -inf", "arrivals.rate: must be a finite number, got -inf."),
    ("rate = 10.0", "rate = 1e999", "arrivals.rate: must be a finite number, got inf."),
    ("rate = 10.0", "rate = 0", "arrivals.rate: must be a number above 0, got 0."),
    ("rate = 10.0", "rate = -1.5", "arrivals.rate: must be a number above 0, got -1.5."),
    ("rate = 10.0", 'rate = "10"', "arrivals.rate: must be a number, got '10'."),
    ("rate = 10.0", "rate = true", "arrivals.rate: must be a number, got true."),
    ("rate = 10.0", "rat = 10.0", "arrivals: key 'rat' is unknown. Did you mean 'rate'?"),
    ('"poisson"', '"poison"', "arrivals.process: name 'poison' is unknown. Did you mean 'poisson'?"),
    ('process = "poisson"\n', "", "arrivals: needs a key 'process', one of: poisson, regular, piecewise."),
    ('"weighted"', '"wieghted"', "decay: decay law 'wieghted' is unknown. Did you mean 'weighted'?"),
    ('decay = "weighted"', "decay = 3", "decay: must be a law's name"),
    ('decay = "weighted"', 'deacy = "linear"', "key 'deacy' is unknown. Did you mean 'decay'?"),
    ("modifier = 2.0", "modifier = nan", "shelves[3].modifier: must be a number"),
    ("modifier = 2.0", "modifier = -1", "shelves[3].modifier: must be a number"),
    ("modifier = 2.0", "modifier = 1e999", "shelves[3].modifier: must be a number"),
    ("modifier = 2.0", "modifier = true", "shelves[3].modifier: must be a number"),
    ("modifier = 2.0", "modifier = [1, 2]", "shelves[3].modifier: must be a number"),
    ("modifier = 2.0", "modifier = { hot = nan }", "shelves[3].modifier: hot: must be a number"),
    ("modifier = 2.0", 'modifier = { hot = "2" }', "shelves[3].modifier: hot: must be a number"),
    ("capacity = 10", "capacity = 10\nmodifier = { cold = 2.0 }", "shelves[0]: modifier: temp 'cold' is unknown."),
    ('holds = "any"', 'holds = "all"', "shelves[3].holds: must be a list of temps, or 'any', got 'all'."),
    ('holds = "any"', "holds = []", "shelves[3].holds: must be a list of temps, or 'any', got []."),
    ('holds = "any"', 'holds = [""]', "shelves[3].holds: must be a list of temps, or 'any', got ['']."),
    ('holds = "any"', "holds = [3]", "shelves[3].holds: must be a list of temps, or 'any', got [3]."),
    ('holds = "any"', 'holds = ["hot", "hot"]', "shelves[3].holds: names 'hot' twice."),
    ('name = "overflow"', 'name = "hot"', "shelves: two shelves are named 'hot'."),
    ('name = "overflow"', 'name = ""', "shelves[3].name: must not be empty, got ''."),
    ('"uniform"', '"unifrom"', "couriers.delay.distribution: name 'unifrom' is unknown. Did you mean 'uniform'?"),
    ('distribution = "uniform", ', "", "couriers.delay: needs a key 'distribution', one of: uniform, "),
    ("low = 2.0", "low = 7.0", "couriers.delay: high must be at least low (7), got 6."),
    ("low = 2.0", "low = nan", "couriers.delay.low: must be a finite number, got nan."),
    ("low = 2.0", "low = -2.0", "couriers.delay.low: must be a number of at least 0, got -2."),
    ("low = 2.0, ", "", "couriers.delay.low: is missing."),
    ("low = 2.0", "low = 2.0, mean = 3", "couriers.delay: key 'mean' is unknown."),
    ("count = 132", "count = 1.5", "orders.count: must be a whole number, got 1.5."),
    ("count = 132", "count = -1", "orders.count: must be a whole number of at least 0, got -1."),
    ("count = 132", "cuont = 132", "orders: key 'cuont' is unknown. Did you mean 'count'?"),
    ("count = 132", "count = 132\nduration_s = 4", "orders: give count or duration_s, not both."),
    ("count = 132", "duration_s = inf", "orders.duration_s: must be a finite number, got inf."),
    ("count = 132", 'file = ""', "orders.file: must not be empty, got ''."),
    ("count = 132", "file = 3", "orders.file: must be a text, got 3."),
    ('"random"', '"randm"', "orders.sampling: must be one of random, in order, got 'randm'. Did you mean 'random'?"),
    ("[orders]", "[orders]\nprep = 5", "orders.prep: must be a table of keys, got 5."),
    ("[orders]", "[ordres]", "key 'ordres' is unknown. Did you mean 'orders'?"),
    ("[arrivals]", "[arivals]", "key 'arivals' is unknown. Did you mean 'arrivals'?"),
    ('name = "rush"', 'name = "rush"\nwaste_below = 1.0', "waste_below: must be a number below 1, got 1."),
    ('name = "rush"', 'name = "rush"\nwaste_below = -0.1', "waste_below: must be a number of at least 0, got -0.1."),
    ('name = "rush"', 'name = "rush"\nwaste_below = nan', "waste_below: must be a finite number, got nan."),
    ('name = "rush"', 'name = "rush"\neta = "exat"', "eta: must be 'unknown', 'exact', or a number"),
    ('name = "rush"', 'name = "rush"\neta = -1', "eta: must be 'unknown', 'exact', or a number"),
    ('name = "rush"', 'name = "rush"\neta = nan', "eta: must be 'unknown', 'exact', or a number"),
    ('name = "rush"', 'name = "rush"\nexpired_orders = "hold"', "expired_orders: must be one of removed, held, got 'hold'."),
    ('name = "rush"', "name = 5", "name: must be a text, got 5."),
    ('name = "rush"', 'name = ""', "name: must not be empty, got ''."),
    ('name = "rush"\n', "", "name: is missing."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line"), REFUSED, ids=[new[:40] for _, new, _ in REFUSED])
def test_what_makes_no_sense_is_refused_with_file_key_and_advice(refusal, old, new, line):
    assert refusal(changed(old, new)).startswith(f"mine.toml: {line}")


PIECES = 'process = "piecewise"\nfrom_s = {}\nrates = {}'


@pytest.mark.parametrize(
    ("from_s", "rates", "line"),
    [
        ("[0.0, 5.0]", "[1.0]", "arrivals: from_s and rates must be of one length, got 2 and 1."),
        ("[1.0]", "[1.0]", "arrivals: from_s must begin with 0, got [1.0]."),
        ("[]", "[]", "arrivals: from_s must begin with 0, got []."),
        (
            "[0.0, 5.0, 5.0]",
            "[1, 1, 1]",
            "arrivals: from_s must rise from each number to the next.",
        ),
        ("[0.0, 5.0]", "[1.0, 0.0]", "arrivals.rates: the last rate is 0"),
        ("[0.0]", "[nan]", "arrivals.rates[0]: must be a finite number, got nan."),
        ("[0.0]", "[-1]", "arrivals.rates[0]: must be a number of at least 0, got -1."),
        ("[0.0, inf]", "[1.0, 1.0]", "arrivals.from_s[1]: must be a finite number, got inf."),
        ("3", "[1.0]", "arrivals.from_s: must be a list, got 3."),
    ],
)
def test_rates_over_time_that_make_no_sense_are_refused(refusal, from_s, rates, line):
    content = changed('process = "poisson"\nrate = 10.0', PIECES.format(from_s, rates))
    assert refusal(content).startswith(f"mine.toml: {line}")


@pytest.mark.parametrize(
    ("delay", "line"),
    [
        ('{ distribution = "exponential", mean = 0.0 }', "couriers.delay.mean: must be a number above 0"),
        ('{ distribution = "lognormal", median = 3.0 }', "couriers.delay.sigma: is missing."),
        ('{ distribution = "gamma", mean = 3.0, shape = inf }', "couriers.delay.shape: must be a finite"),
        ('{ distribution = "empirical", values = [] }', "couriers.delay.values: must have at least one"),
        ('{ distribution = "empirical", values = [1, nan] }', "couriers.delay.values[1]: must be a finite"),
        ('{ distribution = "constant", value = -1 }', "couriers.delay.value: must be a number of at least 0"),
        ('"uniform"', "couriers.delay: must be a table of keys, got 'uniform'."),
    ],
)  # fmt: skip
def test_a_distribution_that_makes_no_sense_is_refused(refusal, delay, line):
    content = changed('{ distribution = "uniform", low = 2.0, high = 6.0 }', delay)
    assert refusal(content).startswith(f"mine.toml: {line}")


def test_shelves_must_be_there(refusal):
    without = RUSH[: RUSH.index("[[shelves]]")]
    assert refusal(without) == "mine.toml: shelves: is missing."
    assert refusal("shelves = []\n" + without).startswith(
        "mine.toml: shelves: must have at least one"
    )
    line = refusal(without + '[shelves]\nname = "a"\n')
    assert line.startswith("mine.toml: shelves: must be a list")


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (changed('name = "rush"', 'name = "rush"\nname = "x"'), f"line {NAMED + 1}"),
        (changed('name = "rush"', "name = rush"), f"line {NAMED}, column 8"),
        (b"\x00", "line 1"),
    ],
)
def test_what_is_no_toml_is_refused_with_its_line(refusal, content, where):
    assert where in refusal(content, FileError)


def test_a_modifier_of_a_temp_that_never_comes_is_refused(load, rush):
    scenario = load(changed("modifier = 2.0", "modifier = { hto = 2.0 }"))
    with pytest.raises(ScenarioError, match="temp 'hto' is unknown. Did you mean 'hot'?"):
        kt.simulate(scenario)


def test_a_config_never_runs_code(refusal):
    line = refusal(changed('"weighted"', "\"__import__('os').getcwd\""))
    assert "is unknown" in line


# --- what is legal -------------------------------------------------------------------------------


def test_a_capacity_of_0_is_legal(load):
    scenario = load(
        RUSH.replace("capacity = 10", "capacity = 0").replace("capacity = 15", "capacity = 0")
    )
    assert {shelf.capacity for shelf in scenario.shelves} == {0}
    run = kt.simulate(scenario, "oldest")
    assert (run.summary["discarded"] == run.summary["orders"]).all()


def test_whole_numbers_will_do_for_times_and_rates(load):
    scenario = load(changed("rate = 10.0", "rate = 10"))
    assert isinstance(scenario.arrivals.rate, float)


def test_what_is_left_out_has_the_defaults_of_the_handbook(load):
    bare = RUSH.replace('decay = "weighted"\n', "").replace("sampling = ", "# ")
    bare = bare[: bare.index("count")] + bare[bare.index("\n", bare.index("count")) :]
    scenario = load(bare)
    assert (scenario.decay, scenario.waste_below, scenario.eta) == ("linear", 0.0, "unknown")
    assert scenario.expired_orders == "removed"
    assert scenario.orders.count is None
    assert scenario.orders.sampling == "random"
    assert scenario.shelves[0].modifier == 1.0


def test_the_modifier_of_a_temp_that_a_table_leaves_out_is_1(rush):
    shelf = rush.replace({"shelves.overflow.modifier": {"hot": 3.0}}).shelves[3]
    assert [shelf.modifier_of(temp) for temp in ("hot", "cold")] == [3.0, 1.0]


# --- copies and dumps ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_scenario_comes_back_from_its_dump(name):
    scenario = kt.Scenario.load(name)
    again = kt.Scenario.model_validate(scenario.model_dump())
    assert again == scenario
    assert hash(again) == hash(scenario)
    assert kt.Scenario.model_validate_json(scenario.model_dump_json()) == scenario


def test_a_scenario_with_a_law_of_ones_own_comes_back_from_its_dump(rush):
    def law(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0

    scenario = rush.replace({"decay": law})
    assert kt.Scenario.model_validate(scenario.model_dump()) == scenario


@pytest.mark.parametrize(
    ("path", "value", "look"),
    [
        ("name", "other", lambda s: s.name),
        ("arrivals.rate", 12, lambda s: s.arrivals.rate),
        ("shelves.overflow.capacity", 20, lambda s: s.shelves[3].capacity),
        ("shelves.3.capacity", 20, lambda s: s.shelves[3].capacity),
        ("shelves.hot.holds", "any", lambda s: s.shelves[0].holds),
        ("shelves.overflow.modifier", {"hot": 3.0}, lambda s: s.shelves[3].modifier),
        ("couriers.delay.high", 7.5, lambda s: s.couriers.delay.high),
        ("orders.count", None, lambda s: s.orders.count),
        ("eta", "exact", lambda s: s.eta),
        ("waste_below", 0.25, lambda s: s.waste_below),
        ("expired_orders", "held", lambda s: s.expired_orders),
    ],
)
def test_a_copy_differs_in_what_was_replaced_and_in_nothing_else(rush, path, value, look):
    before = rush.model_dump()
    copy = rush.replace({path: value})
    assert look(copy) == value
    assert rush.model_dump() == before
    assert copy.replace({path: look(rush)}) == rush


def test_whole_tables_can_be_replaced(rush):
    delay = {"distribution": "lognormal", "median": 3.0, "sigma": 0.5}
    copy = rush.replace({"couriers.delay": delay, "orders.prep": delay})
    assert copy.couriers.delay == copy.orders.prep
    assert copy.couriers.delay.sigma == 0.5
    shelf = {"name": "only", "holds": "any", "capacity": 3}
    assert len(rush.replace({"shelves": [shelf]}).shelves) == 1


def test_several_changes_are_checked_as_a_whole(rush):
    copy = rush.replace({"couriers.delay.low": 8.0, "couriers.delay.high": 9.0})
    assert copy.couriers.delay.low == 8.0
    copy = rush.replace({"orders.count": None, "orders.duration_s": 60.0})
    assert copy.orders.duration_s == 60.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"arrival.rate": 1},
            "there is no 'arrival.rate' in the scenario. Did you mean 'arrivals'?",
        ),
        ({"arrivals.raet": 1}, "Did you mean 'arrivals.rate'?"),
        ({"shelves.overfow.capacity": 1}, "Did you mean 'shelves.overflow'?"),
        ({"shelves.overflow.capacty": 1}, "Did you mean 'shelves.overflow.capacity'?"),
        ({"shelves.9.capacity": 1}, "There are: shelves.hot, shelves.cold, shelves.frozen"),
        ({"shelves.-1.capacity": 1}, "there is no 'shelves.-1.capacity'"),
        ({"shelves.overflow": {}}, "name a key of the shelf, such as shelves.overflow.capacity"),
        ({"arrivals.rate.x": 1}, "arrivals.rate is a single value"),
        ({"couriers.delay.mean": 3.0}, "there is no 'couriers.delay.mean'"),
        ({"": 1}, "there is no ''"),
        (
            {"shelves.hot.capacity": -1},
            "rush: shelves[0].capacity: must be a whole number of at least 0",
        ),
        (
            {"shelves.hot.capacity": 1.5},
            "rush: shelves[0].capacity: must be a whole number, got 1.5",
        ),
        ({"shelves.hot.name": "cold"}, "rush: shelves: two shelves are named 'cold'"),
        ({"shelves": []}, "rush: shelves: must have at least one entry"),
        ({"arrivals.rate": float("nan")}, "rush: arrivals.rate: must be a finite number, got nan"),
        ({"arrivals.rate": "12"}, "rush: arrivals.rate: must be a number, got '12'"),
        ({"arrivals": 1}, "rush: arrivals: must be a table of keys, got 1"),
        (
            {"couriers.delay.high": 1.0},
            "rush: couriers.delay: high must be at least low (2), got 1",
        ),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(rush, changes, message):
    with pytest.raises(ScenarioError) as caught:
        rush.replace(changes)
    assert message in str(caught.value)


def test_a_scenario_cannot_be_changed_in_place(rush):
    with pytest.raises(ValidationError, match="frozen"):
        rush.name = "other"


def test_a_dict_with_an_unknown_key_is_refused(rush):
    with pytest.raises(ScenarioError, match="key 'nmae' is unknown. Did you mean 'name'?"):
        kt.Scenario.from_dict({**rush.model_dump(), "nmae": "x"})


# --- temps and words -----------------------------------------------------------------------------


def test_a_temp_that_no_shelf_holds_is_refused_with_a_dish(rush):
    scenario = rush.replace({"shelves.overflow.holds": ["hot"], "shelves.cold.holds": ["frozen"]})
    with pytest.raises(ScenarioError, match="no shelf holds 'cold', the temp of '"):
        kt.simulate(scenario)


def test_the_shelves_of_a_temp_are_those_that_hold_it_in_order(rush):
    assert rush.shelves_of("cold") == [1, 3]
    assert rush.shelves_of("tepid") == [3]
    assert rush.named_temps() == ["hot", "cold", "frozen"]


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_the_words_of_a_scenario_have_its_numbers(name):
    scenario = kt.Scenario.load(name)
    told = " ".join(scenario.words())
    for shelf in scenario.shelves:
        assert f"Shelf {shelf.name}: {shelf.capacity:,} slots" in told
    assert f"Decay law {scenario.decay}" in told
    assert all(line.endswith(".") for line in scenario.words())


# --- settings in one line ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("arrivals.rate=12", "arrivals.rate", 12),
        (" waste_below = 1e-1 ", "waste_below", 0.1),
        ("decay=linear", "decay", "linear"),
        ('decay="linear"', "decay", "linear"),
        ("orders.sampling=in order", "orders.sampling", "in order"),
        ("shelves.0.holds=['hot', 'cold']", "shelves.0.holds", ["hot", "cold"]),
        ("couriers.delay={low=1}", "couriers.delay", {"low": 1}),
        ("name=a=b", "name", "a=b"),
        ("name=1\nx=2", "name", "1\nx=2"),
    ],
)
def test_a_setting_is_a_path_and_a_toml_value_or_bare_text(text, path, value):
    assert setting(text) == (path, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("arrivals.rate", "'arrivals.rate': needs a path and a value, as in shelves.overflow.cap"),
        ("=3", "'=3': needs a path and a value"),
        ("", "'': needs a path and a value"),
        ("name=", "'name=': needs a path and a value"),
        ("couriers.delay={low=", "'couriers.delay={low=': the value is no value of TOML."),
        ("name='a", "the value is no value of TOML."),
        ("name=" + "[" * 5000, "the value is no value of TOML."),
    ],
)
def test_a_setting_that_cannot_be_read_is_refused_in_one_line(text, message):
    with pytest.raises(ScenarioError) as caught:
        setting(text)
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


# --- files that are written ----------------------------------------------------------------------

MENU = "name,temp,shelf_life_s,decay_rate\nSoup,hot,99,0.5\n"


@given(scenarios())
def test_any_scenario_comes_back_from_its_file(tmp_path_factory, data):
    scenario = kt.Scenario.from_dict(data)
    path = tmp_path_factory.mktemp("saved") / "mine.toml"
    scenario.save(path)
    assert kt.Scenario.load(path) == scenario
    assert path.read_bytes() == scenario.to_toml().encode()


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_shipped_scenario_comes_back_from_its_file_with_its_menu(name, tmp_path, monkeypatch):
    scenario = kt.Scenario.load(name)
    scenario.save(tmp_path / "mine.toml")
    monkeypatch.chdir(tmp_path)
    assert kt.Scenario.load("mine.toml") == scenario
    assert str(SHIPPED) not in scenario.to_toml()


def test_a_file_has_the_keys_in_the_order_of_the_handbook(rush):
    assert rush.to_toml() == (
        'name = "rush"\n'
        'decay = "weighted"\n'
        "waste_below = 0.0\n"
        'expired_orders = "removed"\n'
        'eta = "unknown"\n'
        "\n[orders]\n"
        "count = 132\n"
        'sampling = "random"\n'
        "\n[arrivals]\n"
        'process = "poisson"\n'
        "rate = 10.0\n"
        "\n[couriers]\n"
        'delay = { distribution = "uniform", low = 2.0, high = 6.0 }\n'
        '\n[[shelves]]\nname = "hot"\nholds = ["hot"]\ncapacity = 10\n'
        '\n[[shelves]]\nname = "cold"\nholds = ["cold"]\ncapacity = 10\n'
        '\n[[shelves]]\nname = "frozen"\nholds = ["frozen"]\ncapacity = 10\n'
        '\n[[shelves]]\nname = "overflow"\nholds = "any"\ncapacity = 15\nmodifier = 2.0\n'
    )


def test_many_numbers_are_written_on_lines_that_one_can_read(rush):
    delay = {"distribution": "empirical", "values": [n / 7 for n in range(99)]}
    text = rush.replace({"couriers.delay": delay}).to_toml()
    assert max(map(len, text.splitlines())) < 100
    assert tuple(tomllib.loads(text)["couriers"]["delay"]["values"]) == tuple(delay["values"])


def test_a_law_of_ones_own_cannot_be_saved(rush, tmp_path):
    def mine(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0

    scenario = rush.replace({"decay": mine})
    for save in (scenario.to_toml, lambda: scenario.save(tmp_path / "mine.toml")):
        with pytest.raises(ScenarioError) as caught:
            save()
        assert str(caught.value) == (
            "rush: decay: a file names decay laws only, and 'mine' is a Python function. Replace it "
            f"by one of {', '.join(LAWS)}, or keep the scenario in a script."
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["rush", "mine.txt", "mine"])
def test_a_file_that_could_not_be_loaded_by_its_name_is_not_written(rush, tmp_path, name):
    with pytest.raises(ScenarioError, match=r"the name of a scenario's file ends in \.toml\."):
        rush.save(tmp_path / name)
    with pytest.raises(FileError, match="there is no folder"):
        rush.save(tmp_path / "nowhere" / "mine.toml")
    assert list(tmp_path.iterdir()) == []


def test_a_menu_of_ones_own_moves_with_the_file_beside_it(rush, tmp_path):
    (tmp_path / "old" / "menus").mkdir(parents=True)
    menu = tmp_path / "old" / "menus" / "mine.csv"
    menu.write_text(MENU)
    scenario = rush.replace({"orders.file": str(menu)})
    scenario.save(tmp_path / "old" / "mine.toml")
    assert kt.Scenario.load(tmp_path / "old" / "mine.toml") == scenario
    (tmp_path / "old").rename(tmp_path / "new")
    moved = kt.Scenario.load(tmp_path / "new" / "mine.toml")
    assert set(kt.simulate(moved).orders["name"]) == {"Soup"}


def test_a_menu_elsewhere_is_named_with_its_whole_path(rush, tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "mine.csv").write_text(MENU)
    monkeypatch.chdir(tmp_path)
    rush.replace({"orders.file": "mine.csv"}).save(tmp_path / "out" / "mine.toml")
    loaded = kt.Scenario.load(tmp_path / "out" / "mine.toml")
    assert loaded.orders.file == str(tmp_path / "mine.csv")


def test_a_menu_beside_the_file_comes_before_one_that_ships(load, tmp_path):
    content = changed("count = 132", 'count = 3\nfile = "dinner_orders.csv"')
    shipped = load(content)
    assert shipped.orders.file == str(SHIPPED / "dinner_orders.csv")
    (tmp_path / "dinner_orders.csv").write_text(MENU)
    assert load(content).orders.file == str(tmp_path / "dinner_orders.csv")
    shipped.save(tmp_path / "other.toml")
    assert kt.Scenario.load(tmp_path / "other.toml") == shipped


# --- in a notebook -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_notebook_shows_the_words_and_a_table_of_the_shelves(name):
    scenario = kt.Scenario.load(name)
    page = harmless(scenario._repr_html_())
    words = [line for line in scenario.words() if not line.startswith("Shelf ")]
    assert [line for line in page.texts if line in scenario.words()] == words
    cells = [text for text in page.texts if text.strip()]
    cells = cells[cells.index("food ages there") + 1 :]
    assert cells[::4] == [shelf.name for shelf in scenario.shelves]
    assert cells[1::4] == [f"{shelf.capacity:,}" for shelf in scenario.shelves]
    for shelf, held, pace in zip(scenario.shelves, cells[2::4], cells[3::4], strict=True):
        sentence = next(
            line for line in scenario.words() if line.startswith(f"Shelf {shelf.name}:")
        )
        assert sentence.endswith(f"slots for {held}; food ages there {pace}.")


@pytest.mark.parametrize("name", NASTY)
def test_names_in_a_scenario_stay_text(rush, name):
    changes = {"name": name, "shelves.hot.name": name, "shelves.overflow.modifier": {name: 2.0}}
    page = harmless(rush.replace({**changes, "shelves.cold.holds": [name]})._repr_html_())
    assert page.text.count(name) == 4


@given(scenarios())
def test_any_scenario_can_be_shown(data):
    harmless(kt.Scenario.from_dict(data)._repr_html_())


JSON_MENU = '[{"name": "%s", "temp": "hot", "shelfLife": 300, "decayRate": 0.5}]'


def test_a_menu_is_looked_up_where_its_scenario_was_loaded(tmp_path, monkeypatch):
    for folder, name in (("here", "right"), ("elsewhere", "wrong")):
        place = tmp_path / folder / "sub"
        place.mkdir(parents=True)
        (place / "menu.json").write_text(JSON_MENU % name)
    text = (SHIPPED / "rush.toml").read_text()
    assert "[orders]" in text
    text = text.replace("[orders]", '[orders]\nfile = "menu.json"')
    (tmp_path / "here" / "sub" / "mine.toml").write_text(text)
    monkeypatch.chdir(tmp_path / "here")
    loaded = kt.Scenario.load("sub/mine.toml")
    made = kt.Scenario.model_validate(
        {**loaded.model_dump(), "orders": {"file": "sub/menu.json", "count": 3}}
    )
    changed = loaded.replace({"orders.file": "sub/menu.json"})
    monkeypatch.chdir(tmp_path / "elsewhere")
    for scenario in (loaded, made, changed):
        assert set(kt.simulate(scenario).orders["name"]) == {"right"}
    loaded.save(tmp_path / "here" / "sub" / "again.toml")
    assert 'file = "menu.json"' in (tmp_path / "here" / "sub" / "again.toml").read_text()


def test_spreads_and_the_start_of_delays_are_written_only_where_they_are_not_usual(rush, tmp_path):
    assert not any(key in rush.to_toml() for key in ("busy", "slow", "delay_from", "half"))
    changes = {"orders.busy": 0.1, "couriers.slow": 0.08, "couriers.delay_from": "ready"}
    changes["couriers.by_half_hour"] = [1.0, 1.25]
    changed = rush.replace(changes)
    changed.save(tmp_path / "mine.toml")
    assert kt.Scenario.load(tmp_path / "mine.toml") == changed
    told = " ".join(changed.words())
    assert "standard deviation of 10 %" in told and "by about 8 %" in told and "is ready:" in told
    assert "By time of day it takes 1 to 1.25 times as long." in told
