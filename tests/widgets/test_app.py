"""What all widgets share: no fault is lost, and slow work can be left."""

import base64
import threading

import ipywidgets as widgets
import pytest

from kitchen.errors import ScenarioError
from kitchen.model.strategy import Strategy
from kitchen.widgets import background
from kitchen.widgets.app import App, code, download, offered, worlds
from kitchen.widgets.background import Work


@pytest.fixture
def app():
    return App()


def failing(error):
    def handler():
        raise error

    return handler


def test_a_fault_of_the_user_is_one_line_on_the_page(app):
    slider = widgets.IntSlider()
    app.when(slider, failing(ScenarioError("rate: must be above 0, got -1.")))
    slider.value = 5
    assert app.faults == ["rate: must be above 0, got -1."]
    assert "rate: must be above 0, got -1." in app.alert.value
    assert "Traceback" not in app.alert.value


def test_a_fault_of_ours_is_told_with_its_traceback_and_logged(app, caplog):
    button = widgets.Button()
    app.on_click(button, failing(ZeroDivisionError("oh")))
    button.click()
    assert app.faults == ["A fault of kitchen itself: ZeroDivisionError: oh"]
    assert "Traceback" in app.alert.value
    assert "ZeroDivisionError" in caplog.text


def test_a_fault_is_gone_when_the_same_control_does_well(app):
    slider = widgets.IntSlider()

    def odd_is_bad():
        if slider.value % 2:
            raise ScenarioError("odd")

    app.when(slider, odd_is_bad)
    slider.value = 3
    assert app.faults == ["odd"]
    slider.value = 4
    assert app.faults == []
    assert app.alert.value == ""


def test_a_fault_with_markup_in_it_stays_text(app):
    app.show_fault(ScenarioError("<img src=x onerror=hack()>"))
    assert "<img" not in app.alert.value
    assert "&lt;img" in app.alert.value


def test_quietly_nothing_is_called(app):
    slider = widgets.IntSlider()
    app.when(slider, failing(ScenarioError("never")))
    with app.quietly():
        slider.value = 9
    assert app.faults == []


def test_a_fault_in_slow_work_is_told_on_the_page(app):
    work = Work(app, lambda request, progress: failing(ScenarioError(request))())
    work.submit("too much")
    assert work.wait(60)
    assert app.faults == ["too much"]


def test_slow_work_shows_how_far_it_is_and_can_be_cancelled(app, monkeypatch):
    monkeypatch.setattr(background, "SHOWN_AFTER_S", 0.0)
    monkeypatch.setattr(background, "UPDATE_INTERVAL_S", 0.0)
    half, go_on, left = threading.Event(), threading.Event(), []

    def work(request, progress):
        progress.begin("comparing", 10)
        progress.callback(5)
        half.set()
        assert go_on.wait(60)
        progress.callback(5)
        raise AssertionError("it should have been left by now")

    row = Work(app, work, lambda: left.append(True))
    row.submit("much")
    assert half.wait(60)
    assert (row.layout.visibility, row.bar.value, row.label.value) == ("visible", 0.5, "comparing")
    row.button.click()
    go_on.set()
    assert row.wait(60)
    assert row.layout.visibility == "hidden"
    assert left == [True]
    assert app.faults == ["Cancelled. What is shown is of the settings before."]


def test_quick_work_shows_no_bar(app):
    seen = []
    work = Work(
        app,
        lambda request, progress: (
            progress.begin("a", 1),
            progress.callback(),
            seen.append(work.layout.visibility),
        ),
    )
    work.submit("little")
    assert work.wait(60)
    assert seen == ["hidden"]


def test_the_page_of_an_app_without_a_kernel_is_its_still(app):
    app.still = lambda: "<p>as it was</p>"
    app.show()
    bundle = app._repr_mimebundle_()
    assert bundle["text/html"] == "<p>as it was</p>"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_page_that_is_served_waits_for_no_static_picture(app, monkeypatch):
    monkeypatch.setenv("VOILA_REQUEST_URL", "http://127.0.0.1/")
    app.still = lambda: pytest.fail("nobody would see it")
    app.show()
    assert "text/html" not in app._repr_mimebundle_()


def test_a_download_carries_its_bytes_and_a_harmless_name():
    link = download('a"<b>.csv', b"x,y\n", "text/csv")
    assert base64.b64encode(b"x,y\n").decode() in link
    assert "<b>" not in link
    assert 'a"' not in link


def test_code_is_text():
    assert "<script>" not in code("print('<script>')")


def test_the_given_scenario_is_offered_first_and_beside_the_shipped_ones(rush):
    mine = rush.replace({"arrivals.rate": 12})
    assert next(iter(worlds(mine))) == "rush (yours)"
    assert worlds(mine)["rush (yours)"] is mine
    assert worlds(mine)["rush"] == rush
    assert list(worlds(rush)) == sorted(worlds(rush))


def test_given_strategies_are_the_ones_on_offer():
    mine = Strategy("oldest", recall=None)
    assert list(offered([mine, "random"])) == [mine.name, "random"]
    assert "discard newcomer" in offered()
