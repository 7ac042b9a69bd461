"""Sections of the report on finished studies: what they say, their pictures and their files."""

import hashlib
import json
import re

import pandas as pd
import pytest
from support.report_page import NASTY, own_rule, page_of

import kitchen as kt
from kitchen.errors import KitchenError, ScenarioError
from kitchen.reporting import anonymous, chapters, sweep_section
from kitchen.reporting.chapters import finished

RATES = [6.0, 9.0, 10.0, 11.0, 13.0]
OVERFLOW = "shelves.overflow.capacity"
STRATEGIES = ["discard newcomer", "oldest", "random"]


def chapter_of(study, scenario):
    (made,) = chapters.chapters(finished([study]), scenario)
    return made


@pytest.fixture(scope="module")
def line(rush):
    return kt.sweep(rush, {"arrivals.rate": RATES}, STRATEGIES, replications=40, seed=3)


@pytest.fixture(scope="module")
def square(rush):
    design = {"arrivals.rate": [8.0, 12.0], OVERFLOW: [5, 15, 25]}
    return kt.sweep(rush, design, STRATEGIES, replications=20, seed=3)


@pytest.fixture(scope="module")
def matters(rush):
    ranges = {"arrivals.rate": (8.0, 12.0), OVERFLOW: range(5, 31)}
    return kt.sensitivity(rush, ranges, "oldest", n=16, replications=5)


@pytest.fixture(scope="module")
def sized(rush):
    shelves = {"overflow": range(5, 41, 5)}
    return kt.size(
        rush, "oldest", shelves=shelves, target="2%", replications=20, max_replications=400
    )


@pytest.fixture(scope="module")
def studies(line, square, matters, sized):
    return [line, matters, square, sized]


@pytest.fixture(scope="module")
def folder(rush, studies, tmp_path_factory):
    out = tmp_path_factory.mktemp("studies")
    kt.report(rush, ["random", "oldest"], replications=5, out=out, studies=studies)
    return out


# The page


def test_every_study_has_a_section_after_the_comparison_in_the_order_given(folder):
    text = page_of(folder).text
    headings = [
        "Where it goes",
        "Sweep: value lost over arrivals.rate",
        "What matters for value lost",
        f"Sweep: value lost over arrivals.rate and {OVERFLOW}",
        "How much shelf is enough for 2 % of wasted orders",
        "Reproduce this report",
    ]
    places = [text.index(heading) for heading in headings]
    assert places == sorted(places)


def test_a_section_says_what_the_study_found(folder, matters, sized):
    text = page_of(folder).text
    assert matters.verdict in text
    assert sized.verdict in text
    assert "Least value is lost at arrivals.rate = 6 with" in text


def test_a_section_has_pictures_that_say_what_they_show(folder, rush, tmp_path):
    kt.report(rush, ["random", "oldest"], replications=5, out=tmp_path)
    images, before = page_of(folder).all("img"), page_of(tmp_path).all("img")
    assert len(images) == len(before) + 2 + 1 + 2 + 1
    assert all(len(img["alt"]) > 20 for img in images)
    assert len({img["src"] for img in images}) == len(images)


def test_a_page_with_studies_needs_no_network(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|url\(|@import", re.sub(r"base64,[\w+/=]+", "", html))


def test_without_studies_nothing_of_them_is_there(rush, tmp_path):
    kt.report(rush, ["random"], replications=2, out=tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "studies" not in html
    assert "studies" not in json.loads((tmp_path / "manifest.json").read_text())
    assert html.count("<h2>") == 8


def test_names_in_a_study_come_out_as_text(rush, tmp_path):
    strategies = [kt.Strategy(own_rule, name=NASTY), "oldest"]
    world = rush.replace({"name": NASTY})
    swept = kt.sweep(world, {"arrivals.rate": [8.0, 12.0]}, strategies, replications=3)
    kt.report(world, strategies, replications=2, out=tmp_path, studies=[swept])
    page = page_of(tmp_path)
    assert page.text.count(NASTY) > 3
    assert not page.all("script") + page.all("b")


# What is said of a sweep


def test_the_verdict_on_one_setting_tells_where_two_strategies_break_even(line):
    crossings = kt.break_even(line, "arrivals.rate", "oldest", "discard newcomer")
    assert list(crossings["below"]) == [sweep_section.UNSURE]
    text = sweep_section.verdict(line, ["arrivals.rate"])
    assert (
        "There is no significant difference between 'oldest' and 'discard newcomer' up to "
        f"arrivals.rate = about {crossings['high'].iloc[0]:.4g}; from there on 'discard newcomer' loses less."
        in text
    )


def test_a_tie_in_a_sweep_names_all_strategies_and_counts_the_other_points(rush):
    """One order in each replication: nobody wastes anything, at either of three sizes."""
    calm = rush.replace({"orders.count": 1})
    swept = kt.sweep(calm, {OVERFLOW: [5, 15, 25]}, STRATEGIES, replications=3)
    lost = swept.table()["mean"]
    assert lost.nunique() == 1
    text = sweep_section.verdict(swept, [OVERFLOW])
    assert text.startswith(
        f"Least value is lost at {OVERFLOW} = 5 with 'discard newcomer', 'oldest' and 'random', which "
        f"lose the same: {100 * lost[0]:.2f} %. As little is lost at 2 other points."
    )
    _, lines, _ = sweep_section.table(swept, [OVERFLOW])
    for line in lines:
        assert [under for _, under in line[1:3]] == [f"{OVERFLOW} = 5 and 2 more"] * 2


def test_without_a_tie_one_strategy_at_one_point_loses_least(rush):
    swept = kt.sweep(rush, {"arrivals.rate": [10.0, 13.0]}, STRATEGIES, replications=10)
    rows = swept.table()
    best = rows.loc[rows["mean"].idxmin()]
    text = sweep_section.verdict(swept, ["arrivals.rate"])
    assert text.startswith(
        f"Least value is lost at arrivals.rate = 10 with '{best['strategy']}': {100 * best['mean']:.2f} %. "
    )
    assert "As little is lost" not in text


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (("a", "b", 5.0, 4.0, 6.0), "'a' loses significantly less up to x = about 4, 'b' from about 6 on; they break even at about 5."),
        (("a", sweep_section.UNSURE, 5.0, 4.0, None), "'a' loses less up to x = about 4; from there on there is no significant difference between B."),
        (("a", "a", None, None, None), "Of B, 'a' loses less wherever they are significantly different."),
        ((sweep_section.UNSURE, sweep_section.UNSURE, None, None, None), "There is no significant difference between B at any value of x."),
    ],
)  # fmt: skip
def test_a_crossing_is_put_into_words(row, text):
    below, above, *numbers = row
    value, low, high = (float("nan") if number is None else number for number in numbers)
    row = {"parameter": "x", "below": below, "above": above, "value": value, "low": low}
    assert sweep_section._crossing({**row, "high": high}, "B") == text


def test_the_table_counts_points_at_which_a_strategy_differs_for_sure(square, rush):
    head, lines, _ = sweep_section.table(square, ["arrivals.rate", OVERFLOW])
    rows = square.table()
    own = rows[rows["strategy"] == "oldest"]
    counted = [int((own["difference_high"] < 0).sum()), int((own["difference_low"] > 0).sum())]
    counted.append(len(own) - sum(counted))
    cells = [cell for cell, _ in lines[1]]
    assert len(head) == len(cells) == 6
    assert cells[0] == "oldest"
    assert [int(cell) for cell in cells[3:]] == counted
    assert cells[1] == f"{100 * own['mean'].min():.2f} %"


def test_a_sampled_design_has_a_picture_for_each_of_four_settings(rush):
    ranges = {
        "arrivals.rate": (8.0, 12.0),
        OVERFLOW: range(5, 31),
        "shelves.hot.capacity": range(5, 16),
        "couriers.delay.high": (4.0, 8.0),
        "strategy.recall": ["first in", None],
    }
    swept = kt.sweep(rush, kt.designs.latin_hypercube(ranges, 24), ["oldest"], replications=3)
    made = chapter_of(swept, rush)
    assert len(made.pictures) == 4
    assert "24 points of a Latin hypercube" in made.about[0]
    assert "Without a picture" in made.pictures[-1].caption
    assert len(made.table.head) == 3  # nothing to be compared with


def test_a_full_grid_of_three_settings_is_averaged_and_a_list_without_order_is_not(rush):
    design = {"arrivals.rate": [8.0, 12.0], OVERFLOW: [5, 15], "shelves.hot.capacity": [5, 9]}
    full = kt.sweep(rush, design, ["oldest", "random"], replications=2)
    assert len(chapter_of(full, rush).pictures) == 3
    some = [{"arrivals.rate": rate, OVERFLOW: slots} for rate, slots in ((8, 5), (9, 6), (10, 7))]
    listed = chapter_of(kt.sweep(rush, some, ["oldest"], replications=2), rush)
    assert listed.pictures == []
    assert listed.table is not None


def test_a_single_point_one_replication_and_no_orders_are_sections(rush):
    one = chapter_of(kt.sweep(rush, {}, ["oldest", "random"], replications=1), rush)
    assert one.heading == "Sweep of a single setting"
    assert "One replication gives no interval" in one.verdict
    none = rush.replace({"orders.count": 0})
    empty = chapter_of(kt.sweep(none, {"arrivals.rate": [8.0, 9.0]}, ["oldest"]), none)
    assert empty.verdict == "No orders came at any point, so there are no figures."
    assert not empty.pictures


def test_failed_points_are_shown_with_their_values_and_have_a_file(rush, tmp_path):
    def faulty(order):
        return order.value / (1.0 if order.pickup_in_s < 5.0 else 0.0) * 0.0

    design = {"couriers.delay.high": [3.0, 30.0]}
    swept = kt.sweep(rush.replace({"arrivals.rate": 20.0}), design, [faulty], replications=2)
    assert list(swept.errors["point"]) == [1]
    kt.report(rush, ["random"], replications=2, out=tmp_path, studies=[swept])
    text = page_of(tmp_path).text
    assert "1 point failed and has no figures" in text
    assert "Point 1 (couriers.delay.high = 30):" in text
    assert list(kt.read_csv(tmp_path / "sweep_1_errors.csv")["point"]) == [1]
    assert "This scenario differs from that of the page" in text


def test_a_design_with_functions_of_ones_own_is_a_section(rush):
    def law(age, weighted, life, rate):
        return 1 - weighted / life

    design = {"strategy.discard": [own_rule, "oldest"], "arrivals.rate": [8.0, 12.0]}
    own = rush.replace({"decay": law})
    made = chapter_of(kt.sweep(own, design, ["random"], replications=2), own)
    assert "spec['scenario']), design, ['random']" in made.code
    assert "own_rule" in " ".join(made.about)
    assert "differs from that of the page" not in " ".join(made.about)


# The other studies


def test_the_table_of_a_sizing_tells_what_fewer_slots_would_do(sized, rush):
    made = chapter_of(sized, rush)
    (row,) = made.table.rows
    fewer = sized.fewer.iloc[0]
    assert [cell for cell, _ in row][:3] == [
        "overflow",
        f"{sized.layout['overflow']}",
        f"{fewer[OVERFLOW]}",
    ]
    assert not any("differs from that of the page" in sentence for sentence in made.about)


def test_a_sizing_without_an_answer_is_a_section(rush):
    crossings = kt.size(
        rush, shelves={"overflow": [0, 1]}, target="0.1%", replications=5, max_replications=10
    )
    made = chapter_of(crossings, rush)
    assert crossings.layout is None
    assert made.table is None
    assert len(made.pictures) == 1


def test_the_table_of_what_matters_is_that_of_the_analysis(matters, rush):
    made = chapter_of(matters, rush)
    total = matters.frame[matters.frame["index"] == "total"].set_index("parameter")["mean"]
    assert [row[0][0] for row in made.table.rows] == list(total.sort_values(ascending=False).index)
    assert made.table.rows[0][2][0] == f"{100 * total.max():.1f} %"


# The files


def test_every_study_has_its_frame_beside_the_page_and_in_the_manifest(folder, studies):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    names = ["sweep_1", "sensitivity_1", "sweep_2", "sizing_1"]
    assert set(manifest["studies"]) == set(names)
    for name, study in zip(names, studies, strict=True):
        pd.testing.assert_frame_equal(kt.read_csv(folder / f"{name}.csv"), study.frame)
        for file in (f"{name}.csv", f"{name}.csv.schema.json"):
            checksum = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            assert manifest["files"][file] == checksum


@pytest.mark.parametrize(("name", "nth"), [("sweep_1", 0), ("sensitivity_1", 1), ("sweep_2", 2)])
def test_the_code_on_the_page_reproduces_a_study(folder, studies, monkeypatch, name, nth):
    monkeypatch.chdir(folder)
    blocks = re.findall(r"<pre>(import json.*?)</pre>", (folder / "report.html").read_text(), re.S)
    (code,) = [block for block in blocks if f"&#39;{name}&#39;" in block]
    code = code.replace("&#39;", "'").replace("\nkitchen.", "\nstudy = kitchen.")
    known = {}
    exec(code, known)
    pd.testing.assert_frame_equal(known["study"].frame, studies[nth].frame)


def test_the_same_studies_give_the_same_bytes(folder, rush, studies, tmp_path):
    kt.report(rush, ["random", "oldest"], replications=5, out=tmp_path, studies=studies)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_sweep_that_lies_in_a_folder_is_the_same_section(rush, line, tmp_path):
    kt.sweep(rush, {"arrivals.rate": RATES}, STRATEGIES, replications=40, seed=3, out=tmp_path)
    here, there = (chapter_of(swept, rush) for swept in (line, kt.read_sweep(tmp_path)))
    assert here._replace(frames={}) == there._replace(frames={})
    pd.testing.assert_frame_equal(here.frames["sweep_1"], there.frames["sweep_1"])


def test_no_menu_of_a_study_tells_where_on_this_machine_it_lies(rush, tmp_path):
    menus = [tmp_path / "secret" / place / "menu.csv" for place in ("a", "b")]
    for menu in menus:
        menu.parent.mkdir(parents=True)
        menu.write_text("name,temp,shelf_life_s,decay_rate\nSoup,hot,30,0.5\n")
    own = rush.replace({"orders.file": str(menus[0]), "orders.count": 9})
    design = {"orders.file": list(map(str, menus)), "strategy.discard": [own_rule, "oldest"]}
    several = kt.sweep(rush, design, ["random"], replications=2)
    one = kt.sweep(own, {"arrivals.rate": [8.0, 9.0]}, ["random"], replications=2)
    size = kt.size(own, "random", shelves={"hot": range(9)}, replications=2, max_replications=4)
    kt.report(own, ["random"], replications=2, out=tmp_path / "out", studies=[several, one, size])
    for path in (tmp_path / "out").iterdir():
        assert b"secret" not in path.read_bytes()
    assert set(kt.read_csv(tmp_path / "out/sweep_1.csv")["orders.file"]) == {
        "menu.csv",
        "2 menu.csv",
    }
    assert anonymous.anonymous_spec(one)["scenario"]["orders"]["file"] == "menu.csv"


# Bad input


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (["rush"], r"studies\[0\]: must be a finished Sweep, Sensitivity or Sizing, got 'rush'"),
        ("sweep", "studies: must be a list of studies, got 'sweep'"),
        (None, "studies: must be a list of studies, got null"),
        ({"a": 1}, r"studies\[0\]: must be"),
    ],
)
def test_what_is_no_study_is_refused_before_anything_runs(rush, tmp_path, given, text):
    done = []
    with pytest.raises(KitchenError, match=text) as error:
        kt.report(rush, ["random"], out=tmp_path / "out", studies=given, callback=done.append)
    assert "\n" not in str(error.value)
    assert not done
    assert not list(tmp_path.iterdir())


def test_what_is_no_scenario_is_refused_as_without_studies(line, tmp_path):
    with pytest.raises(ScenarioError, match="scenario: must be a Scenario, got 'rush'"):
        kt.report("rush", ["random"], out=tmp_path, studies=[line])


def test_a_single_study_needs_no_list(line):
    assert finished(line) == [line]


def test_a_sweep_of_a_kitchen_with_prices_speaks_of_revenue():
    heater = kt.Scenario.load("heater")
    swept = kt.sweep(heater, {"arrivals.rate": [2.0, 3.0]}, ["discard newcomer"], replications=5)
    text = sweep_section.verdict(swept, ["arrivals.rate"])
    least = swept.table("lost_revenue_share")["mean"].min()
    assert text.startswith("Least revenue is lost at arrivals.rate = ")
    assert f": {100 * least:.2f} %." in text
    assert swept.table().equals(swept.table("lost_revenue_share"))
