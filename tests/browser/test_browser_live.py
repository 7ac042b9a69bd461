"""The live kitchen as people see it, in JupyterLab and as it is served."""

import pytest
from support.browser import screenshot
from support.player import Player, inked

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


@pytest.fixture
def live(show):
    """The live kitchen of `rush`, and its player."""
    tool = show("LiveKitchen")
    return tool, Player(tool)


def test_it_opens_where_the_kitchens_part_and_shows_both(live):
    tool, player = live
    assert player.now == player.of("parts") > 0
    assert tool.locator("canvas").count() == 3  # two kitchens and the timeline
    assert all(inked(tool, nth) > 0.02 for nth in range(3))
    expect(tool.locator(".difference")).to_contain_text("So far")
    screenshot(tool.page, "live")


def test_keys_step_go_to_the_ends_and_to_the_parting(live):
    _, player = live
    begin = player.now
    times = player.of("times")
    player.press("ArrowRight")
    assert player.now == min(time for time in times if time > begin)
    player.press("ArrowLeft")
    assert player.now == begin
    player.press("End")
    assert player.now == player.of("end")
    player.press("Home")
    assert player.now == player.of("opens")
    player.press("p")
    assert player.now == player.of("parts")


def test_it_plays_with_the_space_key_until_it_is_pressed_again(live):
    tool, player = live
    begin = player.now
    player.press(" ")
    player.wait("player => player.t > %s" % (begin + 0.3))
    expect(tool.get_by_role("button", name="play or pause")).to_have_text("Pause")
    player.press(" ")
    stopped = player.now
    tool.page.wait_for_timeout(300)
    assert player.now == stopped
    expect(tool.get_by_role("button", name="play or pause")).to_have_text("Play")


def test_dragging_the_timeline_moves_the_clock_and_the_kernel_hears_where_it_stands(live):
    tool, player = live
    box = tool.locator(".line").bounding_box()
    middle = box["y"] + box["height"] / 2
    mouse = tool.page.mouse
    mouse.move(box["x"] + box["width"] * 0.2, middle)
    mouse.down()
    for step in range(1, 51):
        mouse.move(box["x"] + box["width"] * (0.2 + 0.5 * step / 50), middle)
    mouse.up()
    length = player.of("end") - player.of("opens")
    assert player.now == pytest.approx(player.of("opens") + 0.7 * length, abs=0.03 * length)
    # The next strategy comes from the kernel, and is shown at this very instant.
    stood = player.now
    tool.get_by_label("right", exact=True).select_option(label="random")
    expect(tool.get_by_role("heading", name="random")).to_be_visible()
    assert Player(tool).now == stood


def test_another_strategy_while_it_plays_is_played_on(live):
    tool, player = live
    player.press("Home")
    player.press(" ")
    player.wait("player => player.t > 0.5")
    tool.get_by_label("right", exact=True).select_option(label="random")
    expect(tool.get_by_role("heading", name="random")).to_be_visible()
    after = Player(tool)
    assert after.of("playing")
    assert after.now > 0.5


def test_two_kitchens_are_alike_until_they_part_and_differ_then(live):
    tool, player = live
    tool.get_by_text("The shelves as a table").click()
    expect(tool.locator("details td").first).to_be_visible()

    def rows():
        found = tool.locator("details tr").all_inner_texts()[1:]
        left = sorted(row.split("\t")[1:] for row in found if row.startswith("discard newcomer"))
        right = sorted(row.split("\t")[1:] for row in found if row.startswith("oldest"))
        return left, right

    left, right = rows()
    assert left != right and len(left) + len(right) > 20
    player.press("ArrowLeft")
    left, right = rows()
    assert left == right and len(left) > 10


def test_the_same_strategy_twice_never_parts(live):
    tool, _ = live
    left, right = (tool.get_by_label(side, exact=True) for side in ("left", "right"))
    right.select_option(label=left.locator("option:checked").inner_text())
    button = tool.get_by_role("button", name="they never part")
    expect(button).to_be_disabled()


def test_a_pointer_on_an_order_tells_of_it(live):
    tool, _ = live
    canvas = tool.locator(".shelves canvas").first
    box = canvas.bounding_box()
    for down in range(30, int(box["height"]), 12):
        canvas.hover(position={"x": 40, "y": down})
        if tool.locator(".tip").is_visible():
            break
    expect(tool.locator(".tip")).to_contain_text("shelf life")
    expect(tool.locator(".tip")).to_contain_text("discard newcomer: ")


def test_a_bad_seed_is_told_in_the_page_and_forgotten_when_it_is_mended(live):
    tool, _ = live
    seed, alert = tool.get_by_label("seed", exact=True), tool.get_by_role("alert")
    for bad in ("-1", "1.5", "<b>x</b>"):
        seed.fill(bad)
        seed.press("Enter")
        expect(alert).to_contain_text("seed: must be a whole number")
        expect(alert).to_contain_text(bad)
    expect(tool.locator(".kitchen-player.kt-stale")).to_be_visible()
    seed.fill("7")
    seed.press("Enter")
    expect(alert).to_have_count(0)
    expect(tool.locator(".kt-stale")).to_have_count(0)
