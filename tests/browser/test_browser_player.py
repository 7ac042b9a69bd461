"""The player without a kernel: as a file, in a notebook that was exported, and for awkward kitchens."""

import nbformat
import pytest
from nbconvert import HTMLExporter
from support.browser import new_page, screenshot
from support.pages import IMAGE, QUOTES, SCRIPT
from support.player import Player, inked

import kitchen as kt

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

WIDTHS = (800, 1280, 1920)
NAMES = (SCRIPT, IMAGE, QUOTES, "دجاج مشوي", "红烧牛肉面", "🍕🍕🍕 pizza", "x" * 300)


def page_of(path, tmp_path, **changes):
    """A page of two kitchens of `rush`, changed."""
    scenario = kt.Scenario.load("rush").replace(changes)
    trace = kt.draw(scenario, 1, seed=1)
    runs = [kt.simulate(scenario, name, trace=trace) for name in ("discard newcomer", "oldest")]
    kt.play(*runs).save(tmp_path / path)
    return (tmp_path / path).as_uri()


def fits(page) -> bool:
    """Whether nothing is wider than the page."""
    return page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def opened(page, address) -> Player:
    """The player of a page that is a file, which asks for nothing else."""
    page.goto(address)
    asked = [one for one in page.watch.outside if not one.startswith("file:")]
    assert asked == []
    page.watch.outside.clear()
    return Player(page.locator("body"))


def test_a_file_plays_without_a_kernel_and_without_a_network(page, tmp_path):
    player = opened(page, page_of("play.html", tmp_path))
    assert player.now == player.of("parts") > 0
    player.press("Home")
    player.press(" ")
    player.wait("player => player.t > 0.5")
    player.press(" ")
    assert all(inked(page, nth) > 0.02 for nth in range(3))


def test_a_short_pause_leaves_one_clock(page, tmp_path):
    player = opened(page, page_of("play.html", tmp_path))
    asked = player.host.evaluate(
        """async host => {
          const player = host.player, frame = window.requestAnimationFrame;
          player.go(player.opens);
          player.play();
          for (let nth = 0; nth < 5; nth++) { player.pause(); player.play(); }
          await new Promise(frame);
          await new Promise(frame);
          let asked = 0;
          window.requestAnimationFrame = act => { asked += 1; return frame(act); };
          await new Promise(frame);
          await new Promise(frame);
          window.requestAnimationFrame = frame;
          return asked;
        }"""
    )
    assert 1 <= asked <= 2  # one a frame


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_page_in_both_themes(browser, tmp_path, theme, width):
    address = page_of("play.html", tmp_path)
    with new_page(browser, width) as page:
        page.emulate_media(color_scheme=theme)
        player = opened(page, address)
        assert fits(page)
        dark = player.host.locator(".kitchen").evaluate("root => root.classList.contains('dark')")
        assert dark == (theme == "dark")
        page.watch.check()


def test_it_fits_at_a_zoom_of_150_percent(browser, tmp_path):
    address = page_of("play.html", tmp_path)
    context = browser.new_context(viewport={"width": 853, "height": 600}, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(address)
    Player(page.locator("body"))
    assert fits(page)
    canvas = page.locator(".shelves canvas").first
    sharp = canvas.evaluate("canvas => canvas.width / canvas.clientWidth")
    assert sharp == pytest.approx(1.5, abs=0.01)
    context.close()


@pytest.mark.parametrize(
    ("slots", "orders"), [(0, 132), (1, 132), (200, 132), (40, 1000), (10_000, 10_000)]
)
def test_kitchens_of_every_size_are_drawn(page, tmp_path, slots, orders):
    changes = {"shelves.overflow.capacity": slots, "orders.count": orders}
    changes["orders.sampling"] = "random"
    player = opened(page, page_of("play.html", tmp_path, **changes))
    assert fits(page)
    player.press("End")
    assert player.now == player.of("end")
    assert inked(page, 2) > 0.02


def test_names_of_every_kind_stay_text(page, tmp_path):
    menu = [
        {"name": name, "temp": temp, "shelfLife": 60, "decayRate": 0.5}
        for name in NAMES
        for temp in ("hot", "cold", "frozen")
    ]
    scenario = kt.Scenario.load("rush")
    frame = kt.draw(scenario, 1, seed=1).frame()
    frame["name"] = [menu[nth % len(menu)]["name"] for nth in range(len(frame))]
    trace = kt.Trace.from_frame(frame)
    runs = [
        kt.simulate(scenario, kt.Strategy(rule, name=name), trace=trace)
        for rule, name in (("discard newcomer", SCRIPT), ("oldest", IMAGE))
    ]
    kt.play(*runs).save(tmp_path / "names.html")
    opened(page, (tmp_path / "names.html").as_uri())
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("img").count() == 0
    expect(page.get_by_role("heading", name=SCRIPT, exact=True)).to_be_visible()
    page.get_by_text("The shelves as a table").click()
    expect(page.locator("details td").first).to_be_visible()
    table = page.locator("details").inner_text()
    assert sum(name[:40] in table for name in NAMES) > 4
    assert page.evaluate("() => window.hacked") is None
    assert fits(page)
    screenshot(page, "names")


def test_who_wants_no_movement_gets_none(browser, tmp_path):
    address = page_of("play.html", tmp_path)
    with new_page(browser) as page:
        page.emulate_media(reduced_motion="reduce")
        player = opened(page, address)
        assert player.host.evaluate("host => host.player.calm.matches")


def test_a_notebook_that_was_exported_plays(browser, tmp_path):
    """In its frame; what nbconvert's own template asks of the network is not ours."""
    played = kt.simulate(kt.Scenario.load("rush"), "random").play()
    output = nbformat.v4.new_output("display_data", {"text/html": played._repr_html_()})
    cell = nbformat.v4.new_code_cell("run.play()", outputs=[output])
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    (tmp_path / "notebook.html").write_text(html, encoding="utf-8")
    with new_page(browser) as page:
        page.route("http*://**", lambda route: route.abort())
        page.goto((tmp_path / "notebook.html").as_uri())
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="random", exact=True)).to_be_visible()
        begin = frame.locator(".now").inner_text()
        frame.locator(".kitchen").press("End")
        expect(frame.locator(".now")).not_to_have_text(begin)
