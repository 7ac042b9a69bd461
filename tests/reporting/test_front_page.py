"""Page one: the figures of the comparison and of the levers, in one order and one measure."""

import pandas as pd
import pytest
from support.report_page import page_of

import kitchen as kt
from kitchen.reporting.front_page import front_page, lever_rows, stakes

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(scope="module")
def table(priced, best):
    return kt.compare(priced, ["discard newcomer", "oldest", best], replications=40)


@pytest.fixture(scope="module")
def levers(priced):
    return kt.levers(priced, replications=40, bound_replications=3)


@pytest.fixture(scope="module")
def front(table, levers):
    return front_page(table, levers, "The headline.", table.ranked)


def test_title_headline_and_ranking_speak_of_one_measure(priced_folder):
    page = page_of(priced_folder)
    assert "Lost revenue in evening, and what would help" in page.text
    ranking = pd.read_csv(priced_folder / "ranking.csv")
    lost = ranking[ranking["measure"] == "lost_revenue_share"].set_index("strategy")["mean"]
    best = lost.idxmin()
    assert f"1 {best} {100 * lost[best]:.2f} %" in page.text
    assert "EUR of lost revenue a replication" in page.text


def test_what_is_at_stake_sums_to_all_prices(table, front):
    summary = table.summaries[table.summaries["strategy"] == "discard newcomer"].mean(
        numeric_only=True
    )
    full, revenue = summary["full_revenue"], summary["revenue"]
    causes = [full - revenue - summary["waste_cost"], summary["expired_cost"]]
    causes.append(summary["discarded_cost"])
    assert f"{full - revenue:,.0f} of the {full:,.0f} EUR" in front.stake
    (name, cells), (best, _) = front.stakes
    assert (name, best) == ("discard newcomer", table.ranked[0])
    assert [money for money, _ in cells] == [
        f"{number:,.0f}" if number >= 100 else f"{number:,.2f}" for number in (revenue, *causes)
    ]
    shares = [float(share.removesuffix(" %")) for _, share in cells]
    assert sum(shares) == pytest.approx(100.0, abs=0.3)  # each is rounded to a tenth


def test_without_prices_what_is_at_stake_is_value():
    rush = kt.compare(kt.Scenario.load("rush"), ["discard newcomer", "oldest"], replications=5)
    heads, rows = stakes(rush)
    assert heads[0] == "Delivered"
    cells = [float(figure.removesuffix(" %")) for figure, _ in rows[0][1]]
    assert sum(cells) == pytest.approx(100.0, abs=0.3)


def test_levers_stand_in_the_order_of_their_gain_with_the_bound_last(levers, front):
    shown = levers.frame[levers.frame["differing"] > 0]
    assert [row.name for row in front.levers] == list(shown["lever"])
    assert front.levers[-1].name == "clairvoyant bound"
    assert set(front.same) == set(levers.frame.loc[levers.frame["differing"] == 0, "lever"])
    assert front.money_unit == "EUR" and front.gain_unit == "points"


def test_bars_are_as_long_as_the_gains(levers):
    rows, _ = lever_rows(levers)
    gains = levers.frame.set_index("lever")["gain"]
    first = rows[0]
    for row in rows:
        assert row.bar.zero == first.bar.zero
        assert row.bar.width / first.bar.width == pytest.approx(
            abs(gains[row.name] / gains[first.name]), abs=2e-3
        )
        assert row.bar.begin >= 0 and row.bar.begin + row.bar.width <= 100.01
        if row.bar.low is not None:
            end = row.bar.zero + (row.bar.width if gains[row.name] > 0 else -row.bar.width)
            assert row.bar.low < end + 0.02 and end - 0.02 < row.bar.high
    bound = first.bar.width * gains["clairvoyant bound"] / gains[first.name]
    assert first.bar.bound - first.bar.zero == pytest.approx(bound, abs=0.02)


def test_the_best_three_stand_beside_todays_practice_and_the_bound(table, front):
    names = [row["name"] for row in front.top]
    assert names[:3] == table.ranked
    assert names[-1] == "clairvoyant bound (3 replications)"
    (today,) = [row for row in front.top if row["name"] == "discard newcomer"]
    assert today["gain"] == "today's practice"


def test_strategies_stand_in_one_order_everywhere(priced_folder):
    ranking = pd.read_csv(priced_folder / "ranking.csv")
    lost = ranking[ranking["measure"] == "lost_revenue_share"].sort_values("mean", kind="stable")
    for name in ("revenue_split", "waste_by_cause", "waste_by_temp"):
        frame = pd.read_csv(priced_folder / f"{name}.csv")
        assert list(dict.fromkeys(frame["strategy"])) == list(lost["strategy"])


def test_the_first_picture_is_the_difference_to_todays_practice(priced_folder):
    first = page_of(priced_folder).all("img")[0]
    assert first["alt"] == "Differences in lost revenue to today's practice, discard newcomer."


def test_times_are_in_minutes_where_seconds_are_unreadable(priced_folder):
    text = page_of(priced_folder).text
    assert "Mean wait, min" in text and "Orders come for 66.67 min" in text
