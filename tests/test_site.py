"""The documentation as a site: it is built without a warning, is complete, and asks nothing of the network."""

import importlib.util
import inspect
import re
import subprocess
import sys
from urllib.parse import quote, unquote

import pytest
from support.browser import chromium, missing
from support.paths import ROOT

import kitchen as kt

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site")]

WITH_CODE = ["start.md", "decay_laws.md"]
"""Pages whose Python is run."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the pages; the notebooks, which tests of their own run, are left as they are."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/build.py"), "--without-notebooks", "--out", str(out)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return out / "html"


@pytest.fixture(scope="module")
def reference():
    """The script that makes the reference."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs/reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(path):
    return path.read_text(encoding="utf-8")


def words(path):
    """The text of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text(path)).split())


def test_every_public_name_has_a_page_with_its_docstring(site, reference):
    assert set(kt.__all__) <= set(reference.public_names())
    for name, thing in reference.public_names().items():
        page = site / f"reference/api/{reference.stem(name)}.html"
        assert page.exists(), name
        if callable(thing) and not inspect.ismodule(thing):
            first = re.split(r"\n\n|[`*:]", inspect.getdoc(thing))[0]
            shown = words(page).replace("\u2019", "'")
            assert " ".join(first.split())[:40] in shown, name


def test_no_two_pages_differ_by_case_alone(site):
    paths = [str(path.relative_to(site)).lower() for path in site.rglob("*.html")]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        (
            "scenario_keys",
            ["eta", "waste_below", "delay_from", "slow", "busy", "capacity", "sigma"],
        ),
        ("strategy_keys", ["discard_from", "recall_when", "params"]),
        ("study_keys", ["replications", "latin hypercube", "design"]),
        ("mapping_keys", ["day_begins", "max_delay", "dayfirst"]),
        ("measures", ["lost_revenue_share", "wasted_share"]),
        ("rules", ["lowest revenue per shelf second", "order.pickup_in_s"]),
        ("commands", ["kitchen levers", "kitchen sweep"]),
    ],
)
def test_the_reference_has_every_key(site, page, keys):
    shown = words(site / f"reference/{page}.html")
    assert [key for key in keys if key not in shown] == []


def test_a_key_of_a_scenario_is_told_with_what_it_takes_and_its_default(reference):
    row = next(
        line for line in reference.scenario_keys().splitlines() if "`expired_orders`" in line
    )
    assert "`removed` or `held`" in row
    assert '`"removed"`' in row
    assert "number above 0" in reference.scenario_keys()


def test_no_page_asks_the_network_for_anything(site):
    for page in site.rglob("*.html"):
        asked = re.findall(
            r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"(https?:[^\"]+)", text(page)
        )
        assert asked == [], page


def test_every_link_within_the_site_leads_to_a_place(site):
    places = {
        page: set(re.findall(r" id=\"([^\"]+)\"", text(page))) for page in site.rglob("*.html")
    }
    for page in places:
        if "_modules" in page.parts:  # sources, whose links back are Sphinx's own
            continue
        for target, place in re.findall(r"<a [^>]*href=\"([^\"#:?]*)#?([^\"]*)\"", text(page)):
            if ":" in place:
                continue
            to = (page.parent / target).resolve() if target else page
            assert to.exists(), (page.name, target)
            if place and to.suffix == ".html":
                assert unquote(place) in places[to], (page.name, target, place)


QUESTIONS = {
    "how do I make a courier late?": "questions",
    "what does `eta` do?": "questions",
    "which keys has `[couriers]`?": "reference/scenario_keys",
    "how many replications do I need?": "questions",
    "how do I add a slot?": "questions",
    "how do I write my own strategy?": "questions",
    "use my own menu": "questions",
    "my own log of orders": "questions",
    "my own decay law": "decay_laws",
    "what is the clairvoyant bound?": "questions",
    "how do I export csv?": "questions",
    "sweep on a cluster": "questions",
    "which shelf size do I need?": "questions",
    "what does held mean?": "questions",
    "how do I learn a strategy?": "questions",
    "cluster slurm": "scale",
    "confidence interval": "statistics",
    "kt.simulate": "reference/api/simulate",
    "install": "start",
}
"""What newcomers type into the search of the site -> the page that answers it."""


@pytest.mark.browser
@pytest.mark.skipif(bool(missing()), reason=str(missing()))
def test_the_search_answers_what_newcomers_ask_in_its_first_three_hits(site):
    with chromium() as browser:
        page = browser.new_page()
        for question, answer in QUESTIONS.items():
            page.goto(f"{(site / 'search.html').as_uri()}?q={quote(question)}")
            page.wait_for_function("/finished|did not match/.test(document.body.innerText)")
            hits = [
                hit.get_attribute("href") for hit in page.query_selector_all("ul.search li > a")
            ]
            first = [hit.split("?")[0].split("#")[0] for hit in hits[:3]]
            assert f"{answer}.html" in first, (question, hits[:5])


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_python_of_a_page_runs(name):
    code = re.findall(r"```python\n(.*?)```", text(ROOT / "docs" / name), re.DOTALL)
    assert code
    scope = {"__name__": "page"}
    for number, block in enumerate(code):
        path = f"{name}:{number}"
        sources = compile(block, path, "exec")
        exec(sources, scope)
