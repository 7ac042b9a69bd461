"""The report: one page that needs nothing else, the tables behind it, and a manifest."""

import base64
import hashlib
import json
import re
from importlib import import_module

import pandas as pd
import pytest
from support.report_page import NASTY, own_rule, page_of
from support.versions import TO_LAST_BIT

import kitchen as kt
from kitchen.errors import FileError, KitchenError
from kitchen.io.csv_text import exposed
from kitchen.reporting.headline import headline
from kitchen.simulation import metrics

PICTURES = [
    "paired", "ranking", "pairs", "value_split", "waste_by_cause", "waste_by_temp",
    "shelves", "value", "paths",
]  # fmt: skip
TABLES = [*PICTURES, "levers", "regret"]
"""Tables of a report in which no strategy is better than today's practice."""


@pytest.fixture(scope="module")
def strategies():
    return ["discard newcomer", "oldest", kt.Strategy(own_rule, recall=None, name=NASTY)]


@pytest.fixture(scope="module")
def folder(rush, strategies, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "not" / "there yet"
    path = kt.report(rush, strategies, replications=30, seed=7, out=out, command="kitchen <it>")
    assert path == out / "report.html"
    return out


@pytest.fixture(scope="module")
def table(rush, strategies):
    return kt.compare(rush, strategies, replications=30, seed=7)


# The page


def test_the_page_needs_no_network(folder):
    page = page_of(folder)
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|url\(|@import", re.sub(r"base64,[\w+/=]+", "", html))
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "iframe", "object", "a"})
    assert page.all("img")
    assert all(img["src"].startswith("data:image/png;base64,") for img in page.all("img"))
    (policy,) = [m["content"] for m in page.all("meta") if "http-equiv" in m]
    assert policy.startswith("default-src 'none'")


def test_a_report_on_a_choice_that_matters_plays_both_kitchens_by_the_one_script_that_it_allows(
    priced_folder, best
):
    html = (priced_folder / "report.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S)[1])
    assert data["kitchens"][0]["strategy"] == "discard newcomer"
    assert len(data["kitchens"]) == 2
    ledgers = [
        list(zip(own["time"], own["order"], own["to"], strict=True)) for own in data["kitchens"]
    ]
    before = [[row for row in own if row[0] < data["begin"]] for own in ledgers]
    assert before[0] == before[1] and ledgers[0] != ledgers[1]
    (script,) = re.findall(r'<script type="module">(.*?)</script>', html, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [m["content"] for m in page_of(priced_folder).all("meta") if "http-equiv" in m]
    assert policy.endswith(f"script-src 'sha256-{digest}'")


def test_the_headline_is_the_first_thing_after_the_title(folder, table):
    page = page_of(folder)
    assert headline(table) in page.text
    assert page.text.index(headline(table)) < 200
    assert page.text.index(headline(table)) < page.text.index(table.verdict)


def test_names_come_out_as_text(folder):
    page = page_of(folder)
    assert NASTY in page.text
    assert "Mine: <b>whatever</b> waited longest." in page.text
    assert "kitchen <it>" in page.text
    assert not page.all("script") + page.all("b")


def test_every_picture_is_there_and_says_what_it_shows(folder):
    images = page_of(folder).all("img")
    assert len(images) == len(PICTURES)
    assert len({img["src"] for img in images}) == len(PICTURES)
    assert all(len(img["alt"]) > 20 for img in images)


def test_the_page_tells_the_scenario_and_how_to_reproduce_it(folder, rush):
    text = page_of(folder).text
    for sentence in rush.words():
        assert " ".join(sentence.split()) in text
    assert "Seed 7, 30 replications" in text
    assert f"kitchen {kt.__version__}" in text


def test_the_table_shows_the_figures_of_the_comparison(folder, table):
    text = page_of(folder).text
    lost = table.frame[table.frame["measure"] == "lost_per_order"].set_index("strategy")
    for name in ("discard newcomer", "oldest"):
        row = lost.loc[name]
        shown = (
            f"{name} {100 * row['mean']:.2f} % {100 * row['low']:.2f} to {100 * row['high']:.2f}"
        )
        assert shown in text


def test_it_prints_and_fits_a_phone(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "@media print" in html
    assert "width=device-width" in html


# The files beside it


def test_every_picture_has_its_table_beside_it(folder):
    files = {path.name for path in folder.iterdir()}
    tables = {f"{name}.csv" for name in TABLES}
    assert files == {"report.html", "manifest.json", *tables, *(f"{t}.schema.json" for t in tables)}


def test_the_tables_are_those_of_the_comparison(folder, table):
    frames = {
        "ranking": table.frame,
        "paired": table.paired,
        "pairs": table.pairs,
        "waste_by_cause": metrics.waste_by_cause(table.summaries),
        "waste_by_temp": metrics.waste_by_temp(table.summaries),
        "value_split": metrics.value_split(table.summaries),
    }
    for name, frame in frames.items():
        read = pd.read_csv(folder / f"{name}.csv", **TO_LAST_BIT)
        read["strategy"] = read["strategy"].map(exposed)
        plain = frame.astype({c: object for c in frame.select_dtypes("category")})
        if name in ("waste_by_cause", "waste_by_temp", "value_split"):  # the best first
            assert list(dict.fromkeys(read["strategy"])) == table.ranked
            plain = plain.sort_values(
                "strategy", key=lambda names: names.map(table.ranked.index), kind="stable"
            ).reset_index(drop=True)
        pd.testing.assert_frame_equal(read, plain, check_dtype=False, check_exact=True)


def test_the_distance_to_the_best_possible_is_that_of_the_first_replications(rush, folder, table):
    near = kt.compare(rush, table.strategies, replications=20, seed=7, bound=True)
    read = pd.read_csv(folder / "regret.csv", **TO_LAST_BIT)
    assert read["mean"].to_numpy() == pytest.approx(near.regret["mean"].to_numpy(), abs=1e-12)
    assert (read[read["measure"] == "regret"]["mean"] > 0).all()


def test_pictures_over_time_show_the_best_and_the_baseline(folder, table):
    shown = set(pd.read_csv(folder / "shelves.csv")["strategy"].map(exposed))
    assert shown == {table.ranked[0], "discard newcomer"}
    ticks = pd.read_csv(folder / "shelves.csv")["time_s"].nunique()
    assert 150 <= ticks <= 401


def test_the_manifest_holds_all_that_is_needed(folder, rush):
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert kt.Scenario.from_dict(manifest["scenario"]) == rush
    assert [s["name"] for s in manifest["strategies"]] == ["discard newcomer", "oldest", NASTY]
    assert (manifest["seed"], manifest["replications"]) == (7, 30)
    assert manifest["command"] == "kitchen <it>"
    assert set(manifest["versions"]) >= {"python", "kitchen", "numpy", "pandas", "numba"}
    for name, checksum in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    assert set(manifest["files"]) == {p.name for p in folder.iterdir()} - {"manifest.json"}


def test_the_same_request_gives_the_same_bytes(folder, rush, strategies, tmp_path):
    kt.report(rush, strategies, replications=30, seed=7, out=tmp_path, command="kitchen <it>")
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_no_file_names_a_place_on_this_machine(tmp_path):
    menu = tmp_path / "secret place" / "menu.csv"
    menu.parent.mkdir()
    menu.write_text("name,temp,shelf_life_s,decay_rate\nSoup,hot,30,0.5\n")
    scenario = kt.Scenario.load("rush").replace({"orders.file": str(menu), "orders.count": 9})
    kt.report(scenario, ["random"], replications=2, out=tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        assert b"secret place" not in path.read_bytes()
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["scenario"]["orders"]["file"] == "menu.csv"
    assert manifest["menu"]["sha256"] == hashlib.sha256(menu.read_bytes()).hexdigest()


# At the edges


def test_many_strategies_are_all_in_the_table_and_the_best_in_the_pictures(rush, tmp_path):
    strategies = [
        kt.Strategy(discard, recall=recall)
        for discard in list(kt.rules.BUILT_IN["discard"])[1:9]
        for recall in ("first in", "largest gain", None)
    ]
    kt.report(rush, strategies, replications=2, out=tmp_path)
    page = page_of(tmp_path)
    number = len(set(pd.read_csv(tmp_path / "ranking.csv")["strategy"]))
    left_out = re.search(r"The pictures leave out (\d+) of the strategies", page.text)
    same = re.search(r"(\d+) strateg(?:y|ies) comes? to exactly the same", page.text)
    twins = int(same[1]) if same else 0
    assert number == 24 and int(left_out[1]) == number - twins - 20


def test_a_report_without_orders_says_so(rush, tmp_path):
    kt.report(rush.replace({"orders.count": 0}), replications=2, out=tmp_path)
    page = page_of(tmp_path)
    assert "No orders came, so there is nothing to compare." in page.text
    assert not page.all("img")
    assert pd.read_csv(tmp_path / "ranking.csv")["mean"].isna().sum() > 0


def test_one_replication_of_one_strategy_is_a_report(rush, tmp_path):
    kt.report(rush, "random", replications=1, out=tmp_path)
    page = page_of(tmp_path)
    assert "one replication, which gives no interval" in page.text
    assert "1 replication of 132 orders" in page.text
    assert len(page.all("img")) == len(PICTURES) - 3  # no other strategy to compare it with
    assert "nan" not in page.text.lower().split()


def test_a_misspelt_temp_is_named_below_the_verdict(rush, tmp_path):
    menu = tmp_path / "menu.csv"
    rows = ["Soup,hot", "Ice,forzen", "Rice,room", "Cake,cold"]
    menu.write_text(
        "name,temp,shelf_life_s,decay_rate\n" + "".join(f"{row},300,0.5\n" for row in rows)
    )
    scenario = rush.replace({"name": "mine", "orders.file": str(menu), "orders.count": 4})
    kt.report(scenario, ["random", "oldest"], replications=2, out=tmp_path / "misspelt")
    text = page_of(tmp_path / "misspelt").text
    warning = (
        "Warning: mine: no shelf names the temp 'forzen' of 'Ice', so it stands on shelves for any "
        "temp only. Did you mean 'frozen'?"
    )
    assert text.count(warning) == 1
    assert text.index(warning) < text.index("The kitchen")
    menu.write_text(menu.read_text().replace("forzen", "frozen"))
    kt.report(scenario, ["random", "oldest"], replications=2, out=tmp_path / "right")
    assert "Warning" not in page_of(tmp_path / "right").text


def test_pictures_over_time_call_nobody_the_best_where_several_are(rush, tmp_path):
    kt.report(rush, ["oldest", "discard newcomer"], replications=40, out=tmp_path / "one")
    assert "for the best strategy, discard newcomer" in page_of(tmp_path / "one").text
    calm = rush.replace({"arrivals.rate": 0.5})
    kt.report(calm, ["random", "oldest"], replications=2, out=tmp_path / "two")
    page = page_of(tmp_path / "two")
    assert "Means over the first 2 replications, for today's practice, random." in page.text
    assert "the best strategy" not in page.text
    assert not [attrs for attrs in page.all("tr") if attrs.get("class") == "best"]


def test_a_kitchen_without_a_slot_is_a_report(rush, tmp_path):
    names = [f"shelves.{shelf.name}.capacity" for shelf in rush.shelves]
    kt.report(
        rush.replace(dict.fromkeys(names, 0)), ["random", "oldest"], replications=3, out=tmp_path
    )
    text = page_of(tmp_path).text
    assert "All 2 strategies lose 100.0 % of the value" in text
    assert "It makes no difference which of the 2 strategies is used" in text


def test_one_shelf_and_a_law_of_ones_own_are_a_report(tmp_path):
    def halving(age, weighted, life, rate):
        return 0.5 ** (weighted / life)

    scenario = kt.Scenario.model_validate(
        {
            "name": "one",
            "decay": halving,
            "orders": {"count": 40},
            "arrivals": {"process": "regular", "rate": 4.0},
            "couriers": {"delay": {"distribution": "constant", "value": 3.0}},
            "shelves": [{"name": "only", "holds": "any", "capacity": 5}],
        }
    )
    kt.report(scenario, ["random", "newest"], replications=3, out=tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["scenario"]["decay"] == "halving"
    page = page_of(tmp_path)
    assert (
        len(page.all("img")) == len(PICTURES) - 1
    )  # one pair of strategies needs no table of pairs
    assert "Its decay law, halving, is a Python function" in page.text


def test_too_many_orders_to_look_at_leave_out_the_pictures_over_time(rush, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("kitchen.reporting.report"), "MOST_DETAILED_ORDERS", 100)
    kt.report(rush, ["random", "oldest", "cheapest"], replications=2, out=tmp_path)
    page = page_of(tmp_path)
    assert "A replication has too many orders for pictures over time" in page.text
    assert len(page.all("img")) == len(PICTURES) - 3


def test_todays_practice_all_discard_rules_and_the_best_combination_are_compared_by_default(
    rush, tmp_path
):
    counts = []
    kt.report(rush, replications=2, out=tmp_path, callback=counts.append)
    names = list(dict.fromkeys(pd.read_csv(tmp_path / "ranking.csv")["strategy"]))
    assert names[0] == "discard newcomer"
    assert set(names) == {*kt.rules.BUILT_IN["discard"], "best combination"}
    assert sum(counts) > 2 * len(names)  # and the levers


def test_a_learned_strategy_is_compared_and_is_a_lever(rush, tmp_path):
    def mine(order):
        """Mine."""
        return order.price

    learned = kt.Strategy(mine, name="mine")
    kt.report(rush, ["random", "oldest"], learned=learned, replications=2, out=tmp_path)
    ranking, levers = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("ranking", "levers"))
    assert set(ranking["strategy"]) == {"random", "oldest", "mine"}
    assert levers.set_index("lever").loc["learned strategy", "what"] == "mine"


def test_a_huge_seed_is_kept_digit_by_digit(rush, tmp_path):
    kt.report(rush, ["random"], replications=2, seed=2**70, out=tmp_path)
    assert json.loads((tmp_path / "manifest.json").read_text())["seed"] == 2**70


def test_a_file_in_the_place_of_the_folder_is_refused_before_anything_runs(rush, tmp_path):
    (tmp_path / "out").write_text("mine")
    counts = []
    with pytest.raises(FileError, match="is a file"):
        kt.report(rush, replications=2, out=tmp_path / "out", callback=counts.append)
    assert not counts
    assert (tmp_path / "out").read_text() == "mine"


def test_a_fault_leaves_an_earlier_report_as_it_was(rush, tmp_path):
    kt.report(rush, ["random"], replications=2, out=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def faulty(order):
        return order.value / 0.0 * 0.0

    with pytest.raises(KitchenError, match="nan"):
        kt.report(rush.replace({"arrivals.rate": 40}), ["random", faulty], out=tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_fault_leaves_no_folder_behind(rush, tmp_path):
    with pytest.raises(KitchenError, match="replications"):
        kt.report(rush, replications=0, out=tmp_path / "new" / "folder")
    assert not list(tmp_path.iterdir())


# --- Evenings that are replayed -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"trace": 3}, "trace: must be a Trace"),
        ({"notes": "one sentence"}, "notes: must be a "),
        ({"notes": 3}, "notes: must be a "),
        ({"notes": [3]}, r"notes\[0\]: must be a "),
    ],
)
def test_what_is_no_trace_and_no_list_of_sentences_is_refused(given, message, tmp_path):
    with pytest.raises(KitchenError, match=message):
        kt.report(kt.Scenario.load("rush"), out=tmp_path / "out", **given)
    assert not (tmp_path / "out").exists()


def test_a_report_on_evenings_judges_on_half_of_them_and_says_what_they_are(tmp_path):
    rush = kt.Scenario.load("rush")
    evenings = kt.Trace.from_frame(kt.draw(rush, replications=8, seed=6).frame())
    notes = ["Of the log of May, 8 of 9 evenings are used."]
    path = kt.report(rush, ["oldest", "random"], trace=evenings, notes=notes, out=tmp_path)
    text = path.read_text(encoding="utf-8")
    assert "4 evenings are replayed" in text and notes[0] in text
    assert "Orders come" not in text and "132 orders come" not in text
    ranking = kt.read_csv(tmp_path / "ranking.csv")
    mine = kt.compare(rush, ["oldest", "random"], trace=evenings.take([0, 2, 4, 6]))
    keys = ["strategy", "measure"]
    assert ranking.set_index(keys)["mean"].to_dict() == pytest.approx(
        mine.frame.set_index(keys)["mean"].to_dict(), nan_ok=True
    )
