"""HTML: what users name stays text, and what is shown is what was given."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile_html import NASTY, Page, harmless

from kitchen.utils import html


@pytest.mark.parametrize("name", NASTY)
def test_what_looks_like_a_tag_stays_text_wherever_it_stands(name):
    page = html.block(
        html.heading(name, name),
        html.paragraph(name),
        html.bullets([name]),
        html.facts([(name, name)]),
        html.table([name], [[name]], "<"),
        html.note(html.joined(html.quiet(name), html.strong(name))),
    )
    found = harmless(page)
    assert found.text.count(name) == 10


@given(st.text())
def test_no_text_at_all_makes_a_tag_or_ends_an_attribute(text):
    told = str(html.text(text))
    assert not set(told) & set("<>\"'")
    found = Page(f'<p title="{told}">{told}</p>')
    assert found.tags == ["p"]
    assert [name for name, _ in found.attributes] == ["title"]
    found.text.encode()


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b[31m", "\n", "\r", "\u2028", "\u00a0"])
def test_controls_and_odd_blanks_become_blanks(control):
    assert html.text(f"a{control}b").startswith("a ")


@pytest.mark.parametrize("odd", ["\u202e", "\u2066", "\ud800", "\ufeff", "\u200b"])
def test_what_turns_the_writing_or_cannot_be_seen_is_replaced(odd):
    assert html.text(f"a{odd}b") == "a\ufffdb"


@pytest.mark.parametrize("name", ["Küche 厨房", "מטבח", "👨\u200d🍳", "می\u200cبینم"])
def test_names_in_any_script_stay_as_they_are(name):
    assert html.name(name) == name


def test_a_name_is_escaped_even_if_it_claims_to_be_html():
    assert html.name(html.Html("<b>")) == "&lt;b&gt;"
    assert html.text(html.Html("<b>")) == "<b>"


def test_html_is_not_escaped_twice():
    assert html.text(html.text("<")) == "&lt;"
    assert html.joined("<", html.strong("&")) == "&lt;<b>&amp;</b>"


def test_of_a_long_text_both_ends_are_shown():
    told = html.name("a" * 500 + " end")
    assert len(told) == html.NAME_CHARACTERS
    assert told.startswith("aaa") and told.endswith(" end") and "\u2026" in told
    assert html.text("a" * 80, 80) == "a" * 80
    assert len(html.text("word " * 10_000)) <= html.MOST_CHARACTERS


@pytest.mark.parametrize("blank", ["", "  ", "\n\t"])
def test_a_name_of_blanks_is_said_to_be_none(blank):
    assert html.name(blank) == "(no name)"


def test_a_table_has_its_cells_in_order_and_aligned():
    page = harmless(html.table(("shelf", "slots"), [("hot", "10"), ("cold", "5")], "<>"))
    assert [text for text in page.texts if text] == ["shelf", "slots", "hot", "10", "cold", "5"]
    assert page.tags.count("tr") == 3
    assert page.tags.count("td") == 2
    scopes = [value for name, value in page.attributes if name == "scope"]
    assert scopes == ["col", "col", "row", "row"]
    sides = [value for name, value in page.attributes if "text-align" in value]
    assert ["left" in side for side in sides] == [True, False] * 3


def test_rows_beyond_what_anybody_reads_are_counted():
    page = harmless(html.table(["n"], [[str(n)] for n in range(1_100)], ">"))
    assert page.tags.count("tr") == 1 + html.MOST_ROWS
    assert "\u2026 and 1,050 more." in page.text
    page = harmless(html.bullets(str(n) for n in range(51)))
    assert page.tags.count("li") == 51
    assert page.texts[-1] == "\u2026 and 1 more."


@pytest.mark.parametrize(
    ("value", "form", "told"),
    [
        (12.345, ".1f", "12.3"),
        (1234.5, ",.1f", "1,234.5"),
        (-1.5, "+.2f", "\u22121.50"),
        (1.5, "+.2f", "+1.50"),
        (0.0, "+.2f", "0.00"),
        (-0.001, "+.2f", "0.00"),
        (math.nan, ".2f", "\u2013"),
    ],
)
def test_a_figure_has_a_true_minus_and_a_dash_for_none(value, form, told):
    assert html.number(value, form) == told


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ((1.0, 0.5, 1.5), "1.00 (0.50 to 1.50)"),
        ((1.0, 1.0, 1.0), "1.00 (always)"),
        ((1.0, math.nan, math.nan), "1.00"),
        ((math.nan, math.nan, math.nan), "no orders"),
    ],
)
def test_a_mean_is_told_with_its_interval_if_there_is_one(figures, told):
    assert harmless(f"<p>{html.measured(*figures)}</p>").text == told


def test_sentences_are_text_that_a_notebook_shows_as_a_paragraph():
    told = html.Sentences("a <b> " + "long " * 300)
    assert told == "a <b> " + "long " * 300 and isinstance(told, str)
    shown = told._repr_html_()
    assert "a &lt;b&gt; long" in shown and "\u2026" not in shown and "<p " in shown
