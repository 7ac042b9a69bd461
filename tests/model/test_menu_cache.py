"""Menus that are kept: read once, and again as soon as their file is another."""

import os

import pytest

import kitchen as kt
from kitchen.engine.draw import menu_of
from kitchen.errors import FileError
from kitchen.model import menu_cache

MENU = "name,temp,shelf_life_s,decay_rate\nSoup,hot,{life},0.5\n"


@pytest.fixture
def soup(tmp_path):
    """A scenario whose menu is a file, and a function that writes it as if long ago."""
    file = tmp_path / "soup.csv"

    def write(life, ago_s=3600.0):
        file.write_text(MENU.format(life=life))
        changed = file.stat().st_mtime - ago_s
        os.utime(file, (changed, changed))

    write(300)
    return kt.Scenario.load("rush").replace({"orders.file": str(file)}), write, file


def life_of(scenario):
    return menu_of(scenario).shelf_life_s.tolist()


def test_a_menu_is_read_once(soup, monkeypatch):
    scenario, _, _ = soup
    reads, read = [], menu_cache.read_orders
    monkeypatch.setattr(menu_cache, "read_orders", lambda path: reads.append(path) or read(path))
    kt.compare(scenario, ["random", "oldest"], replications=20)
    kt.simulate(scenario)
    assert len(reads) == 1


def test_a_menu_that_has_changed_is_read_again_though_its_size_and_time_are_the_same(soup):
    scenario, write, _ = soup
    assert life_of(scenario) == [300.0]
    write(200)
    assert life_of(scenario) == [200.0]


def test_a_menu_that_has_just_been_written_is_read_each_time(soup):
    scenario, write, _ = soup
    for life in range(100, 150):
        write(life, ago_s=0.0)
        assert life_of(scenario) == [life]


def test_a_menu_that_is_gone_is_missed(soup):
    scenario, _, file = soup
    menu_of(scenario)
    file.unlink()
    with pytest.raises(FileError, match=r"soup\.csv"):
        kt.simulate(scenario)


def test_a_kept_menu_cannot_be_changed_under_those_who_share_it(soup):
    menu = menu_of(soup[0])
    assert menu_of(soup[0]) is menu
    with pytest.raises(ValueError, match="read-only"):
        menu.price[0] = 2.0
    frame = menu.frame()
    frame.loc[0, "price"] = 2.0
    assert menu.price.tolist() == [1.0]
