"""JupyterLab and Chromium work together here: else no other test in a browser means anything."""

import pytest
from support.browser import open_notebook

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

PLAIN = """
import ipywidgets as widgets
slider, label = widgets.IntSlider(description="how many"), widgets.HTML("none")
slider.observe(lambda change: setattr(label, "value", f"<b>{change['new']} of them</b>"), "value")
widgets.VBox([slider, label])
"""


def test_a_slider_in_jupyterlab_reaches_python_and_its_answer_the_page(lab, page):
    open_notebook(lab, page, [PLAIN])
    expect(page.get_by_text("none", exact=True)).to_be_visible()
    page.locator(".widget-readout").fill("42")
    page.keyboard.press("Enter")
    expect(page.locator("b", has_text="42 of them")).to_be_visible()


def test_a_watch_sees_what_goes_wrong_and_what_leaves_the_machine(browser):
    from support.browser import new_page

    with new_page(browser) as page:
        page.set_content("<script>console.error('amiss'); nobody.home</script>")
        page.set_content("<img src='http://kitchen.invalid/picture.png'>")
        page.locator("img").wait_for(state="attached")
        page.wait_for_timeout(200)
        assert page.watch.outside == ["http://kitchen.invalid/picture.png"]
        complaints = "\n".join(page.watch.complaints)
        assert (
            "amiss" in complaints
            and "nobody is not defined" in complaints
            and "picture.png" in complaints
        )
