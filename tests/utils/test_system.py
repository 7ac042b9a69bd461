"""The bar that tells how far long work is."""

import io
import re

import kitchen as kt
from kitchen.utils.system import bar


def shown(write):
    """What a bar writes while `write` gets its `callback`."""
    import tqdm.auto

    out, original = io.StringIO(), tqdm.auto.tqdm
    try:
        tqdm.auto.tqdm = lambda **options: original(**options, file=out, mininterval=0)
        with bar(10, " points", each=4) as callback:
            write(callback)
    finally:
        tqdm.auto.tqdm = original
    return out.getvalue()


def test_it_counts_points_and_tells_rate_and_time_left():
    told = shown(lambda callback: [callback(4) for _ in range(5)])
    last = re.split(r"[\r\n]", told.strip())[-1]
    assert "5.00/10.0" in last
    assert re.search(r"<.*points", last)


def test_a_sweep_tells_its_points(capsys, rush):
    design = {"arrivals.rate": [8, 10]}
    kt.sweep(rush, design, ["random", "oldest"], replications=5, progress=True, workers=1)
    told = capsys.readouterr().err
    assert "points" in told


def test_progress_is_told_to_both(rush, capsys):
    told = []
    design = {"arrivals.rate": [8, 10]}
    kt.sweep(rush, design, ["random"], replications=5, progress=True, callback=told.append)
    assert sum(told) == 10
