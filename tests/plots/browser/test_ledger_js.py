"""`ledger.js` says of any instant what the Python snapshot says: run by Node where there is one."""

import json
import shutil
import subprocess

import pytest
from support.ledger_cases import CASES, COMPARE, case, check

from kitchen.plots.browser.page import STATIC
from kitchen.plots.browser.payload import text_of

NODE = shutil.which("node")

RUN = """
import { readFileSync } from "node:fs";
import { Ledger, differing, parting } from "./ledger.js";
console.log(JSON.stringify(compare(JSON.parse(readFileSync(0, "utf8")))));
"""


@pytest.mark.skipif(NODE is None, reason="there is no node; Chromium runs the same modules")
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "changes", "strategies"), CASES)
def test_the_browser_sees_the_kitchen_as_the_snapshot_does(
    name, changes, strategies, seed, tmp_path
):
    (tmp_path / "ledger.js").write_bytes((STATIC / "ledger.js").read_bytes())
    (tmp_path / "compare.mjs").write_text(RUN + COMPARE, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [NODE, "compare.mjs"],
        cwd=tmp_path,
        input=text_of(case(name, changes, strategies, seed)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    check(json.loads(done.stdout), name, changes, strategies, seed)
