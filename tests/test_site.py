"""The documentation as a site: it is built without a warning, is complete, and asks nothing of the network."""

import contextlib
import html
import importlib.util
import inspect
import io
import re
import subprocess
import sys
import textwrap
from urllib.parse import quote, unquote, urlsplit

import pytest
from support.browser import chromium, missing
from support.paths import ROOT

import kitchen as kt
from kitchen.model.demand import Couriers, Orders
from kitchen.model.measures import MEASURES
from kitchen.model.rules import BUILT_IN, FIELDS
from kitchen.model.scenario import Scenario, Shelf

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
        ("measures", [*MEASURES, *(measure.unit for measure in MEASURES.values())]),
        ("rules", ["lowest revenue per shelf second", *(f"order.{name}" for name in FIELDS)]),
        ("commands", ["kitchen levers", "kitchen sweep"]),
    ],
)
def test_the_reference_has_every_key(site, page, keys):
    shown = words(site / f"reference/{page}.html")
    assert [key for key in keys if key not in shown] == []


@pytest.mark.parametrize("model", [Scenario, Orders, Couriers, Shelf])
def test_every_key_of_a_scenario_has_a_row_with_its_meaning(site, model):
    rows = re.findall(
        r"<tr[^>]*>(.*?)</tr>", text(site / "reference/scenario_keys.html"), re.DOTALL
    )
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]
    meanings = {re.sub(r"<[^>]+>", "", row[0]).strip(): row[-1] for row in cells if row}
    without = [key for key in model.model_fields if len(meanings.get(key, "")) < 10]
    assert without == []


def test_every_shipped_rule_has_its_sentence_and_its_source_as_it_is_written(site):
    page = text(site / "reference/rules.html")
    bare = "".join(html.unescape(words(site / "reference/rules.html")).split())
    blocks = re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)
    codes = [html.unescape(re.sub(r"<[^>]+>", "", block)).strip() for block in blocks]
    for rules in BUILT_IN.values():
        for rule in rules.values():
            assert "".join(rule.description.replace("`", "").split()) in bare, rule.name
            assert textwrap.dedent(inspect.getsource(rule.function)).strip() in codes, rule.name


def test_the_list_of_public_names_leads_to_each(site):
    listed = text(site / "reference/api/index.html")
    led_to = dict(re.findall(r"href=\"([^\"#]+)\"><span class=\"doc\">kt\.([\w.]+)</span>", listed))
    assert set(kt.__all__) - set(led_to.values()) == set()
    assert [page for page in led_to if not (site / "reference/api" / page).exists()] == []


def test_a_link_to_another_site_is_a_whole_address(site):
    for page in site.rglob("*.html"):
        for link in re.findall(r"<a [^>]*href=\"([a-z]+:[^\"]*)\"", text(page)):
            parts = urlsplit(html.unescape(link))
            whole = parts.scheme in ("http", "https") and re.fullmatch(
                r"[\w-]+(\.[\w-]+)+|localhost|127\.0\.0\.1", parts.hostname or ""
            )
            assert whole or parts.scheme == "mailto", (page.name, link)


def test_no_page_names_another_by_its_path_in_the_checkout(site):
    """`docs/logs.md` is a link on the site."""
    for page in site.rglob("*.html"):
        if "_modules" not in page.parts and page.name != "commands.html":
            named = re.findall(r"<span class=\"pre\">docs/[\w/-]+\.md</span>", text(page))
            assert named == [], page


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
    "how do I make a courier late?": ("questions#how-do-i-make-a-courier-late", "couriers.delay"),
    "what does `eta` do?": ("questions", "order.pickup_in_s"),
    "what does eta do?": ("questions#what-does-eta-do", "order.pickup_in_s"),
    "which keys has `[couriers]`?": ("reference/scenario_keys", "delay_from"),
    "which keys has [couriers]?": ("questions#which-keys-has-couriers", "delay_from"),
    "how many replications do I need?": (
        "questions#how-many-replications-do-i-need",
        "precision=",
    ),
    "how do I add a slot?": ("questions#how-do-i-add-a-slot", "capacity"),
    "how do I write my own strategy?": ("questions#how-do-i-write-my-own-strategy", "function"),
    "use my own menu": ("questions#how-do-i-use-my-own-menu", "orders.file"),
    "my own log of orders": ("questions#how-do-i-read-my-own-log-of-orders", "kt.read_log"),
    "my own decay law": ("questions#how-do-i-write-my-own-decay-law", "my_law"),
    "what is the clairvoyant bound?": ("questions#what-is-the-clairvoyant-bound", "in advance"),
    "how do I export csv?": ("questions#how-do-i-export-csv", "to_csv"),
    "sweep on a cluster": ("questions#how-do-i-run-a-sweep-on-a-cluster", "--part"),
    "which shelf size do I need?": ("questions#which-shelf-size-do-i-need", "kt.size"),
    "what does held mean?": ("questions#what-does-held-mean", "keeps its slot|in its slot"),
    "how do I learn a strategy?": ("questions#how-do-i-learn-a-strategy", "kt.learn"),
    "what is a replication?": ("questions#what-is-a-replication", "intervals"),
    "compare two strategies": ("questions#how-do-i-compare-two-strategies", "kt.compare"),
    "error bars": ("questions", "95 % interval"),
    "where are the error bars?": ("questions#where-are-the-error-bars", "95 %"),
    "which measures are there?": ("questions#which-measures-are-there", "measure="),
    "what is lost revenue?": ("questions#what-is-lost-revenue", "prices"),
    "what does recall do?": ("questions#what-does-recall-do", "slot comes free"),
    "change the price of a dish": ("questions#how-do-i-change-the-price-of-a-dish", "menu"),
    "open the page": ("questions#how-do-i-open-the-page", "kitchen serve"),
    "cluster slurm": ("scale", "SLURM"),
    "confidence interval": ("statistics", "interval"),
    "kt.simulate": ("reference/api/simulate", "replications"),
    "install": ("start", "pip install"),
}
"""What newcomers type into the search of the site -> the place that answers it, and words of the answer."""


@pytest.mark.browser
@pytest.mark.skipif(bool(missing()), reason=str(missing()))
def test_the_search_answers_what_newcomers_ask_in_its_first_three_hits(site):
    wrong = []
    with chromium() as browser:
        page = browser.new_page()
        for question, (answer, told) in QUESTIONS.items():
            page.goto(f"{(site / 'search.html').as_uri()}?q={quote(question)}")
            page.wait_for_function("/finished|did not match/.test(document.body.innerText)")
            hits = [
                re.sub(r"\?[^#]*", "", hit.get_attribute("href"))
                for hit in page.query_selector_all("ul.search li > a")
            ]
            name, _, place = answer.partition("#")
            wanted = f"{name}.html#{place}" if place else f"{name}.html"
            if wanted not in hits[:3]:
                wrong.append((question, hits[:5]))
                continue
            page.goto((site / f"{name}.html").as_uri())
            shown = page.inner_text(f"section[id='{place}']" if place else "article")
            if not re.search(told, " ".join(shown.split())):
                wrong.append((question, shown[:200]))
    assert wrong == []


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_python_of_a_page_runs_and_prints_what_the_page_shows(name):
    blocks = re.findall(r"```(python|text)\n(.*?)```", text(ROOT / "docs" / name), re.DOTALL)
    assert any(kind == "python" for kind, _ in blocks)
    scope, printed = {"__name__": "page"}, ""
    for number, (kind, block) in enumerate(blocks):
        if kind == "text":
            assert block.split() == printed.split(), f"{name}:{number}"
            continue
        sources = compile(block, f"{name}:{number}", "exec")
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(sources, scope)
        printed = out.getvalue()
