"""What a report keeps to be run again."""

import html
import re

import kitchen as kt
from kitchen.reporting.learned import shipped_strategy
from kitchen.reporting.provenance import scenario_remark, scenario_toml, strategy_toml


def blocks(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    return [html.unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]


def test_the_kitchen_and_the_best_strategy_on_the_page_run_again(
    priced, best, priced_folder, tmp_path
):
    kitchen, strategy, *_ = blocks(priced_folder)
    (tmp_path / "kitchen.toml").write_text(kitchen, encoding="utf-8")
    (tmp_path / "best.toml").write_text(strategy, encoding="utf-8")
    assert kt.Scenario.load(tmp_path / "kitchen.toml") == priced
    read = kt.Strategy.load(tmp_path / "best.toml")
    assert (read.name, read.describe()) == ("best combination", best.describe())


def test_a_menu_goes_by_its_file_name_only(tmp_path):
    menu = tmp_path / "secret" / "menu.csv"
    menu.parent.mkdir()
    menu.write_text("name,temp,shelf_life_s,decay_rate\nSoup,hot,30,0.5\n")
    scenario = kt.Scenario.load("rush").replace({"orders.file": str(menu)})
    assert 'file = "menu.csv"' in scenario_toml(scenario)
    assert "secret" not in scenario_toml(scenario)


def test_what_no_file_can_hold_is_told():
    def law(age, weighted, life, rate):
        return 1.0

    rush = kt.Scenario.load("rush")
    assert scenario_remark(rush) == ""
    assert "law, law, is a Python function" in scenario_remark(rush.replace({"decay": law}))

    def mine(order):
        return order.value

    assert strategy_toml(kt.Strategy(mine)) == ""


def test_a_learned_strategy_ships_for_an_unchanged_scenario_only(tmp_path, monkeypatch):
    from kitchen.reporting import learned

    monkeypatch.setattr(learned, "FOLDER", tmp_path)
    kt.Strategy("cheapest", name="learned").save(tmp_path / "friday.toml")
    friday = kt.Scenario.load("friday")
    assert shipped_strategy(friday).name == "learned"
    assert shipped_strategy(friday.replace({"shelves.hot.capacity": 9})) is None
    assert shipped_strategy(kt.Scenario.load("rush")) is None
