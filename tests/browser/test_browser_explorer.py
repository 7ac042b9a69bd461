"""The explorer as people see it."""

import csv
import re

import pytest
from support.browser import SCREENSHOTS, new_page, open_notebook, screenshot

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

COUNTED = """
import ipywidgets as widgets
import kitchen as kt
explorer = kt.widgets.Explorer("rush")
button, label = widgets.Button(description="count"), widgets.HTML()
def count(_):
    explorer.wait()
    label.value = f"<b>{explorer.work.started} computations, rate {explorer.controls['arrivals.rate'].value:g}</b>"
button.on_click(count)
widgets.VBox([button, label, explorer])
"""

WAITED = """
import kitchen as kt
kt.widgets.Explorer("rush", replications=20_000)
"""

CLASSES = """tool => {
  window.seen = [];
  const answers = [...tool.querySelectorAll("*")].filter(e => e.shadowRoot).map(e => e.shadowRoot.querySelector(".answer"));
  window.answers = answers;
  const note = () => seen.push(answers.map(a => (a.classList.contains("stale") ? "s" : "-") + (a.classList.contains("rough") ? "r" : "-")).join(" "));
  for (const answer of answers) new MutationObserver(note).observe(answer, { attributes: true, attributeFilter: ["class"] });
}"""


def first(tool):
    """The first picture; its rows are there."""
    picture = tool.locator(".answer", has=tool.page.locator("figure.dots")).first
    expect(picture.locator("svg .row").first).to_be_visible()
    return picture


def fresh(tool):
    """Wait until everything is of the settings of the controls."""
    first(tool)
    expect(tool.locator(".answer.stale")).to_have_count(0)
    expect(tool.locator(".answer.rough")).to_have_count(0)


def figures(picture):
    """What stands to the right of the rows."""
    return picture.locator("svg .figure").all_text_contents()


def slider(tool, label):
    """The slider whose label begins so."""
    named = tool.page.locator(".widget-label").filter(has_text=re.compile(f"^{label}"))
    return tool.locator(".widget-slider").filter(has=named)


def grip(tool, label):
    """The middle of a slider's handle, with the mouse there."""
    box = slider(tool, label).locator(".noUi-handle").first.bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tool.page.mouse.move(*at)
    return at


def test_a_slider_is_moved_and_the_picture_changes_but_not_its_size(show):
    tool = show("Explorer")
    fresh(tool)
    picture = first(tool)
    before, box = figures(picture), picture.bounding_box()
    slider(tool, "arrivals").locator(".noUi-handle").focus()
    tool.page.keyboard.press("ArrowRight")
    expect(picture.locator("svg .ghost").first).to_be_attached()
    fresh(tool)
    assert figures(picture) != before
    assert {k: picture.bounding_box()[k] for k in ("x", "width")} == {
        k: box[k] for k in ("x", "width")
    }
    screenshot(tool.page, "explorer")


def test_fifty_moves_of_a_held_slider_are_rough_then_the_last_value_wins(show):
    tool = show("Explorer")
    fresh(tool)
    page, verdict = tool.page, tool.locator(".words")
    before = verdict.inner_text()
    tool.evaluate(CLASSES)
    x, y = grip(tool, "arrivals")
    page.mouse.down()
    for step in range(1, 51):
        page.mouse.move(x + step, y)
        page.wait_for_timeout(12)
    picture = first(tool)
    expect(picture).to_have_class(re.compile(r"\brough\b"))
    expect(picture.locator(".tag")).to_contain_text("rough: 50 replications")
    expect(picture).not_to_have_class(re.compile(r"\bstale\b"))  # the hand rests, still held
    assert picture.locator("svg .ghost").count() > 0
    stale = tool.locator(".answer.stale")
    assert stale.filter(has=page.locator(".words")).count() == 1
    assert verdict.inner_text() == before  # a rough estimate has no verdict
    page.mouse.up()
    fresh(tool)
    last = float(slider(tool, "arrivals").locator(".widget-readout").inner_text())
    assert last > 12
    expect(picture.locator(".tag")).to_have_text("200 replications")
    tool.get_by_text("the same in Python").click()
    expect(tool.locator("pre")).to_contain_text(f'"arrivals.rate": {last}')
    assert verdict.inner_text() != before
    screenshot(page, "explorer_dragged")


def test_the_axis_only_grows_while_a_slider_is_held(served, page):
    page.goto(served)
    tool = page.locator(".kt-explorer:visible")
    fresh(tool)
    picture = first(tool)

    def limits():
        places = picture.locator("svg .grid text").evaluate_all(
            "texts => texts.map(t => [Number(t.textContent.replace('\\u2212', '-')), Number(t.getAttribute('x'))])"
        )
        (a, xa), (b, xb) = places[0], places[-1]
        return (b - a) / (xb - xa)  # units a pixel

    x, y = grip(tool, "arrivals")
    page.mouse.down()
    scales = []
    for step in [*range(0, 40, 4), *range(40, 0, -4)]:
        page.mouse.move(x + step, y)
        page.wait_for_timeout(120)
        scales.append(limits())
    assert all(b >= a * 0.999 for a, b in zip(scales, scales[1:], strict=False))
    page.mouse.up()
    fresh(tool)
    assert limits() < scales[-1]


def test_what_is_old_fades_before_the_kernel_hears_of_it(show):
    tool = show("Explorer")
    fresh(tool)
    tool.evaluate(CLASSES)
    faded = tool.page.evaluate(
        """() => {
          const box = document.querySelectorAll(".kt-explorer input[type=checkbox]")[2];
          box.click();  // all within one task: nothing can come from the kernel
          return answers.map(answer => answer.classList.contains("stale"));
        }"""
    )
    assert len(faded) == 4 and all(faded)
    fresh(tool)


def test_a_press_elsewhere_holds_no_slider(served, page):
    page.goto(served)
    tool = page.locator(".kt-explorer:visible")
    fresh(tool)
    verdict = tool.locator(".words").bounding_box()
    page.mouse.move(verdict["x"] + 30, verdict["y"] + 8)
    page.mouse.down()
    seed = tool.get_by_label("seed")
    seed.evaluate("""box => { box.value = "7"; box.dispatchEvent(new Event("input", { bubbles: true }));
      box.dispatchEvent(new Event("change", { bubbles: true })); }""")
    expect(tool.locator(".answer.stale")).to_have_count(0)
    fresh(tool)  # a full answer with its verdict, though a button of the mouse is down
    page.mouse.up()


def test_a_pinned_answer_stays_to_compare_with(show):
    tool = show("Explorer")
    fresh(tool)
    tool.get_by_role("button", name="Pin", exact=True).click()
    picture = first(tool)
    expect(picture.locator("svg .pin").first).to_be_attached()
    expect(picture.locator(".legend")).to_contain_text("pinned: rush")
    slider(tool, "arrivals").locator(".noUi-handle").focus()
    for _ in range(3):
        tool.page.keyboard.press("ArrowRight")
        fresh(tool)
    expect(picture.locator(".legend")).to_contain_text("pinned: rush")
    box = picture.locator("svg .row").first.bounding_box()
    tool.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(tool.locator(".tip:visible")).to_contain_text("pinned:")
    screenshot(tool.page, "explorer_pinned")
    tool.get_by_role("button", name="Unpin").click()
    expect(picture.locator("svg .pin")).to_have_count(0)


def test_progress_and_cancel_stand_above_the_verdict_in_sight(lab, page):
    page.set_viewport_size({"width": 1280, "height": 800})
    open_notebook(lab, page, [WAITED], "waited")
    tool = page.locator(".kt-app")
    cancel, more = tool.get_by_role("button", name="Cancel"), tool.get_by_label("more settings")
    fresh(tool)
    expect(cancel).to_be_hidden()
    more.fill("orders.count=2000")
    more.press("Enter")
    expect(cancel).to_be_visible()
    assert tool.locator(".answer.stale").count() == 4
    box, words = cancel.bounding_box(), tool.locator(".words").bounding_box()
    assert box["y"] + box["height"] <= words["y"] < 800
    screenshot(page, "explorer_busy")
    cancel.click()
    told = "Cancelled. What is shown is of the settings before."
    expect(tool.get_by_role("alert")).to_have_text(told)
    assert tool.locator(".answer.stale").count() == 4
    more.fill("")
    more.press("Enter")
    fresh(tool)  # what is shown is true again
    expect(tool.get_by_role("alert")).to_have_count(0)


def test_cancel_and_the_answer_are_in_sight_while_more_settings_has_the_focus(show):
    tool = show("Explorer")
    page = tool.page
    page.set_viewport_size({"width": 1280, "height": 800})
    cancel, more = tool.get_by_role("button", name="Cancel"), tool.get_by_label("more settings")
    fresh(tool)
    tool.get_by_role("slider", name="replications").press("End")
    more.fill("orders.count=1500")
    more.press("Enter")
    more.evaluate("box => box.scrollIntoView({ block: 'center' })")
    expect(cancel).to_be_visible()
    expect(more).to_be_focused()
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(
        path=SCREENSHOTS / f"explorer_cancel_{'lab' if 'tree' in page.url else 'served'}.png"
    )
    assert all(is_in_sight(part) for part in (more, cancel, tool.locator(".lead").first))
    cancel.click()
    alert = tool.get_by_role("alert")
    expect(alert).to_contain_text("Cancelled.")
    assert is_in_sight(alert)


def is_in_sight(place) -> bool:
    """Whether an element is within the window, with nothing over its middle."""
    return place.evaluate(
        """element => {
          const box = element.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
          if (box.top < 0 || box.bottom > innerHeight || box.left < 0 || box.right > innerWidth) return false;
          let at = document.elementFromPoint(x, y);
          while (at?.shadowRoot?.elementFromPoint(x, y)) {
            if (at.shadowRoot.elementFromPoint(x, y) === at) break;
            at = at.shadowRoot.elementFromPoint(x, y);
          }
          return Boolean(at) && (element.contains(at) || at.contains(element));
        }"""
    )


def test_two_windows_have_their_own_settings_at_once(served, page, browser):
    with new_page(browser) as other:
        tools = []
        for window in (page, other):
            window.goto(served)
            tools.append(window.locator(".kt-explorer:visible"))
        for tool in tools:
            fresh(tool)
        for tool, seed in zip(tools, ("11", "12"), strict=True):
            tool.get_by_label("seed").fill(seed)
            tool.get_by_label("seed").press("Enter")
        for tool, seed in zip(tools, ("11", "12"), strict=True):
            fresh(tool)
            tool.get_by_text("the same in Python").click()
            expect(tool.locator("pre")).to_contain_text(f"seed={seed}")
        assert figures(first(tools[0])) != figures(first(tools[1]))
        other.watch.check()


def test_settings_that_make_no_sense_are_told_in_the_page(show):
    tool = show("Explorer")
    fresh(tool)
    more, alert = tool.get_by_label("more settings"), tool.get_by_role("alert")
    for bad, message in (
        ("shelves.hot.capacity=-3", "capacity: must be a whole number of at least 0, got -3"),
        ("shelves.hott.capacity=3", "Did you mean 'shelves.hot'?"),
        ("orders.count=2000000000", "would simulate 1,600,000,000,000 orders"),
        ("nothing", "needs a path and a value"),
    ):
        more.fill(bad)
        more.press("Enter")
        expect(alert).to_contain_text(message)
        expect(alert).to_have_count(1)
    expect(tool.locator(".answer.stale")).to_have_count(4)
    screenshot(tool.page, "explorer_refused")
    more.fill("")
    more.press("Enter")
    expect(alert).to_have_count(0)
    fresh(tool)


def test_a_typed_setting_moves_its_slider_in_the_page(show):
    tool = show("Explorer")
    fresh(tool)
    more = tool.get_by_label("more settings")
    more.fill("shelves.hot.capacity=17")
    more.press("Enter")
    hot = slider(tool, "hot")
    expect(hot.locator(".widget-readout")).to_have_text("17")
    expect(hot).to_contain_text("typed below")
    fresh(tool)
    hot.locator(".noUi-handle").focus()
    tool.page.keyboard.press("ArrowLeft")
    expect(more).to_have_value("")
    expect(hot).not_to_contain_text("typed below")
    fresh(tool)


def test_twenty_fast_changes_lead_to_the_last_value_and_to_fewer_computations(lab, page):
    open_notebook(lab, page, [COUNTED], "counted")
    tool = page.locator(".kt-app")
    fresh(tool)
    arrivals = slider(tool, "arrivals")
    arrivals.locator(".noUi-handle").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    last = float(arrivals.locator(".widget-readout").inner_text())
    assert last > 10
    fresh(tool)
    page.get_by_role("button", name="count").click()
    label = page.locator("b", has_text="computations")
    expect(label).to_be_visible()
    started, rate = re.fullmatch(r"(\d+) computations, rate ([\d.]+)", label.inner_text()).groups()
    assert float(rate) == last
    assert 2 <= int(started) < 21  # the first picture's among them


def test_what_is_shown_can_be_taken_along(served, page, tmp_path):
    page.goto(served)
    tool = page.locator(".kt-app:not(:has(.kt-app)):visible")
    fresh(tool)
    for name, begin in (
        ("ranking.csv", b"strategy,"),
        ("pictures.pdf", b"%PDF"),
        ("differences.png", b"\x89PNG"),
    ):
        with page.expect_download() as download:
            tool.get_by_role("button", name=name).click()
        download.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes().lstrip(b"\xef\xbb\xbf").startswith(begin)
    text = (tmp_path / "ranking.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    ticked = tool.locator("input[type=checkbox]:checked").count()
    assert ticked > 1 and len({row["strategy"] for row in rows}) == ticked
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tool.get_by_text("the same in Python").click()
    expect(tool.locator("pre")).to_contain_text("import kitchen as kt")
    tool.get_by_role("button", name="Copy").first.click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "import kitchen as kt" in copied
    compile(copied, "copied", "exec")
