"""Pictures of a fit show what its frames say."""

import numpy as np
import pandas as pd
import pytest

import kitchen as kt


@pytest.fixture(scope="module")
def fitted():
    friday = kt.Scenario.load("friday")
    return kt.fit(kt.draw(friday, 8, seed=1).frame(), kitchen=friday)


def test_the_steps_are_the_rates(fitted):
    ax = fitted.plot()
    values, edges, _ = ax.patches[0].get_data()
    assert values.tolist() == fitted.arrivals["rate_h"].tolist()
    assert edges.tolist() == [*fitted.arrivals["from_s"], 18000.0]
    assert ax.get_ylim()[1] > fitted.arrivals["high"].max()


def test_each_family_has_a_line_of_its_quantiles_in_minutes(fitted):
    quantiles = fitted.parts.delays.quantiles
    ax = kt.plots.fit_delays(quantiles)
    assert len(ax.lines) == 1 + 4  # and the diagonal
    assert ax.lines[1].get_ydata() == pytest.approx(quantiles["lognormal_s"] / 60)


def test_held_out_evenings_are_dots_inside_and_crosses_outside():
    rows = [
        ("orders", 100.0, 100.0, 90.0, 110.0, True),
        ("orders", 150.0, 100.0, 90.0, 110.0, False),
        ("mean_delay_s", 50.0, 100.0, 40.0, 160.0, True),
    ]
    columns = ["figure", "observed", "predicted", "low", "high", "inside"]
    ax = kt.plots.fit_check(pd.DataFrame(rows, columns=columns))
    bands = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert np.array(bands) == pytest.approx(np.array([(0.9, 0.2), (0.4, 1.2)]))
    dots = {line.get_marker(): line.get_xdata().tolist() for line in ax.lines[:2]}
    assert dots == {"o": [1.0], "x": [1.5]}
    texts = [label.get_text() for label in ax.get_yticklabels()]
    assert texts == ["orders\n50 % inside", "mean delay\n100 % inside"]


def test_no_evening_is_a_note():
    columns = ["figure", "observed", "predicted", "low", "high", "inside"]
    ax = kt.plots.fit_check(pd.DataFrame(columns=columns))
    assert "no evening" in " ".join(text.get_text() for text in ax.texts)
