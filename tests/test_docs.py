"""The documents: what they name is there, and what is made from the code is up to date."""

import importlib.util
import json
import re
import runpy
from collections import Counter

import pytest
from support.paths import ROOT

import kitchen as kt
from kitchen.cli.main import COMMANDS

MADE = ("reference/", "notebooks/index")
"""Pages that `make docs` makes."""
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HISTORY = {"CHANGELOG.md", "0001-the-house.md"}
"""Pages that name what is no longer there."""

OLD_WORDS = re.compile(
    r"told apart|tell (?:\w+ )?apart|best possible|could have done|thr(?:ow|ew|own|owing)\w*\s+(?:\w+\s+){0,3}?(?:away|out)\b"
    r"|longest to go|hopeless first|least value per second|price at pickup|protect the fragile"
    r"|largest gain at home|\bcaptured\b|\badvance=|\bcap=|\bnumber=|at_least=|\.asked\b|\bMoments?\b"
)


def read(path):
    """The text of a page; of a notebook, that of its cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


def name_of(path):
    return str(path.relative_to(ROOT))


def script(name):
    """A script of docs/, imported."""
    spec = importlib.util.spec_from_file_location(name, ROOT / f"docs/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def architecture():
    """What `make docs` runs first."""
    return script("architecture")


@pytest.fixture(scope="module")
def figures():
    """What fills the figures of the page on strategies."""
    return script("strategies_figures")


# --- The picture and the table that are made from the code ---------------------------------------


def test_the_picture_and_the_table_are_up_to_date(architecture):
    """If not: `python docs/architecture.py`."""
    assert architecture.PICTURE.read_text(encoding="utf-8") == architecture.picture()
    text = architecture.PAGE.read_text(encoding="utf-8")
    assert text == architecture.page(text)


def test_the_picture_has_every_folder_and_every_import(architecture):
    there = {p.stem for p in architecture.PACKAGE.iterdir() if p.suffix == ".py" or p.is_dir()}
    assert set(architecture.layers()) == {n for n in there if not n.startswith("__")}
    counted = architecture.imports()
    numbers = re.findall(r'text-anchor="middle">(\d+)<', architecture.picture())
    assert Counter(map(int, numbers)) == Counter(counted.values())


def test_every_file_says_in_one_sentence_what_it_is(architecture):
    for path in architecture.PACKAGE.rglob("*.py"):
        assert architecture.first_sentence(path), path


def test_arrows_that_follow_from_others_are_left_out(architecture):
    pairs = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")]
    assert architecture.without_shortcuts(pairs) == {("a", "b"), ("b", "c"), ("c", "d")}


def test_imports_are_counted_wherever_they_stand_but_not_for_type_checkers(architecture, tmp_path):
    path = tmp_path / "some.py"
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "import kitchen.io.read\n"
        "from kitchen import errors\n"
        "from pandas import DataFrame\n"
        "if TYPE_CHECKING:\n    from kitchen.model.menu import Menu\n"
        "def f():\n    from kitchen.stats.intervals import need\n"
    )
    assert architecture._imported_by(path) == {"io", "errors", "stats"}


# --- The figures and winners that pages name -------------------------------------------------------


@pytest.mark.slow
def test_the_figures_of_the_page_on_strategies_are_up_to_date_and_its_claims_hold(figures):
    """If not: `python docs/strategies_figures.py`. The choice among 600 is left to the long test."""
    text = read(figures.PAGE)
    assert figures.page(text, figures.SECTIONS) == text


@pytest.mark.long
def test_the_best_of_all_combinations_is_the_one_that_the_page_names(figures):
    text = read(figures.PAGE)
    assert figures.page(text, [figures.together]) == text


def test_a_sentence_with_figures_is_filled_whatever_its_lines_and_must_be_there_once(figures):
    page = figures.Page("It loses 1.00 % in\n`rush` and\n-0.10 ± 0.02 in `dinner`.\n")
    page.sentence("It loses {} % in `rush` and {} in", "6.16", "+2.00 ± 0.10")
    assert page.text == "It loses 6.16 % in\n`rush` and\n+2.00 ± 0.10 in `dinner`.\n"
    with pytest.raises(SystemExit, match="0 sentences"):
        page.sentence("It gains {} %", "1")
    with pytest.raises(SystemExit, match="does not hold"):
        figures.claim(False, "it wins everywhere")


def test_the_rule_of_the_readme_beats_its_baseline(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", read(ROOT / "README.md"), re.DOTALL)
    (code,) = (block for block in blocks if "def " in block)
    (tmp_path / "readme.py").write_text(code)
    names = runpy.run_path(tmp_path / "readme.py")
    lost = names["table"].paired.query("measure == 'lost_revenue_share'").set_index("strategy")
    assert lost.loc["little_for_its_slot", "high"] < 0


@pytest.mark.slow
def test_what_the_readme_says_that_a_friday_saves_is_what_the_comparison_gives():
    friday = kt.Scenario.load("friday")
    table = kt.compare(friday, ["discard newcomer", "learned for friday"], replications=200, seed=1)
    means = table.frame.set_index(["strategy", "measure"])["mean"]
    saved = table.paired.set_index("measure").loc["lost_revenue"]
    words = (
        f"saves {-saved['difference']:,.0f} of "
        f"{means['discard newcomer', 'lost_revenue']:,.0f} EUR of lost revenue (95 % interval "
        f"{-saved['high']:,.0f} to {-saved['low']:,.0f})"
    )
    assert words in " ".join(read(ROOT / "README.md").split())


# --- What pages name -----------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file(page):
    for target in re.findall(r"\]\(([^)#\s]+)", read(page)):
        here = (
            ROOT
            if target.startswith("notebooks/") and page.parent == ROOT / "docs"
            else page.parent
        )
        if "://" not in target and not target.startswith(MADE):
            assert (here / target).exists(), target


@pytest.mark.parametrize("page", [p for p in PAGES if p.name not in HISTORY], ids=name_of)
def test_every_file_of_the_repository_that_a_page_names_is_there(page):
    for named in re.findall(r"`((?:kitchen|tests|docs|notebooks|data)/[\w./]+)`", read(page)):
        assert (ROOT / named).exists() or "NAME" in named, named


@pytest.mark.parametrize("page", [p for p in PAGES if "decisions" in p.parts], ids=name_of)
def test_every_module_that_a_decision_names_is_there(page):
    if page.name not in HISTORY:
        for named in re.findall(r"`((?:\w+/)+\w+\.py)(?: \(`\w+`\))?`", read(page)):
            assert (ROOT / named).exists() or (ROOT / "kitchen" / named).exists(), named


def test_the_glossary_says_where_each_word_lives_in_the_code():
    rows = re.findall(
        r"^\| \*\*(.+?)\*\* \| (.+) \| (.+) \|$", read(ROOT / "docs/glossary.md"), re.M
    )
    assert len(rows) > 60
    words = [word for row in rows for word in row[0].split(", ")]
    assert [word for word, times in Counter(words).items() if times > 1] == []
    for word, _, where in rows:
        places = re.findall(r"`([\w/]+\.py)`(?: \(([^)]*)\))?", where)
        assert places, word
        for path, names in places:
            text = (ROOT / "kitchen" / path).read_text(encoding="utf-8")
            for name in re.findall(r"`(\w+)`", names):
                assert re.search(rf"\b{name}\b", text), (word, path, name)


@pytest.mark.parametrize(
    "word",
    "scenario strategy replication lane trace ledger tick blocked outcome waste home overflow recall "
    "demote discard issue warm-up regret baseline".split(),
)
def test_the_vocabulary_of_the_project_is_in_the_glossary(word):
    heads = re.findall(r"^\| \*\*(.+?)\*\*", read(ROOT / "docs/glossary.md"), re.M)
    assert any(word in re.split(r", ", head) for head in heads)


def test_every_command_that_a_page_shows_exists():
    for page in PAGES:
        for command in re.findall(r"^kitchen (\w+)|`kitchen (\w+)", read(page), re.M):
            assert "".join(command) in {*COMMANDS, "COMMAND"}, (page, command)


def test_every_make_target_that_a_page_shows_exists():
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", read(page), re.M):
            assert "".join(target) in targets, (page, target)


@pytest.mark.parametrize(
    "page", [p for p in [*PAGES, *NOTEBOOKS] if p.name not in HISTORY], ids=name_of
)
def test_pages_use_the_words_of_the_glossary(page):
    assert [found[0] for found in OLD_WORDS.finditer(read(page))] == []
