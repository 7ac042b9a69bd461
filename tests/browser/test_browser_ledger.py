"""`ledger.js` says of any instant what the Python snapshot says, in a real browser."""

import json

import pytest
from support.ledger_cases import CASES, COMPARE, case, check

from kitchen.plots.browser.page import STATIC
from kitchen.plots.browser.payload import text_of


@pytest.mark.parametrize(("name", "changes", "strategies"), CASES)
def test_the_browser_sees_the_kitchen_as_the_snapshot_does(name, changes, strategies, page):
    ledger = (STATIC / "ledger.js").read_text(encoding="utf-8")
    script = f"{ledger}\n{COMPARE}\nwindow.compare = compare;"
    page.add_script_tag(content=script, type="module")
    page.wait_for_function("() => window.compare")
    made = text_of(case(name, changes, strategies, seed=3))
    said = page.evaluate("made => JSON.stringify(window.compare(JSON.parse(made)))", made)
    check(json.loads(said), name, changes, strategies, seed=3)
