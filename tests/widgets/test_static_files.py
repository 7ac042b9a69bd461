"""The scripts that widgets carry: one module each, which imports nothing and is valid."""

import re
import shutil
import subprocess

import pytest

from kitchen.widgets.address import AddressBar
from kitchen.widgets.answer import Answer, Files
from kitchen.widgets.player import Player
from kitchen.widgets.reachable import Reachable
from kitchen.widgets.static_files import STATIC, widget_module

NODE = shutil.which("node")
MODULES = [AddressBar._esm, Answer._esm, Files._esm, Player._esm, Reachable._esm]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_nothing_and_exports_its_widget_alone(module):
    assert not re.search(r"^import ", module, re.MULTILINE)
    assert re.findall(r"^export .*", module, re.MULTILINE) == ["export default { render };"]


@pytest.mark.parametrize("module", MODULES)
def test_no_two_parts_of_a_module_define_the_same_name(module):
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", module, re.MULTILINE)
    assert len(names) == len(set(names))


@pytest.mark.skipif(NODE is None, reason="only Node reads a module without a browser")
@pytest.mark.parametrize("module", MODULES)
def test_a_module_can_be_read(module):
    done = subprocess.run(
        [NODE, "--check", "--input-type=module", "-"], input=module, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(NODE is None, reason="only Node runs a module without a browser")
def test_the_axis_grows_while_a_slider_is_held_and_ticks_are_round():
    script = widget_module("draw.js", "dots.js").replace("export default { render };", "")
    checks = """
      const same = (a, b) => { if (JSON.stringify(a) !== JSON.stringify(b)) throw new Error(`${JSON.stringify(a)} is not ${JSON.stringify(b)}`); };
      same(grown(null, [0, 1], true), [0, 1]);
      same(grown([0, 2], [0.5, 1], true), [0, 2]);
      same(grown([0, 2], [-1, 1], true), [-1, 2]);
      same(grown([0, 2], [0.5, 1], false), [0.5, 1]);
      same(ticks(-0.013, 0.0746, 6).map(v => written(v, { scale: 100, signed: true })),
           ["0", "+2", "+4", "+6"]);
      same(ticks(0, 1, 4), [0, 0.25, 0.5, 0.75, 1]);
      same(ticks(3, 3), []);
      same(written(-0.04, { scale: 100 }), "\\u22124");
    """
    done = subprocess.run([NODE, "--input-type=module", "-"], input=script + checks, text=True, capture_output=True)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_every_script_belongs_to_a_widget():
    used = "\n".join(MODULES)
    for path in STATIC.glob("*.js"):
        if path.name != "copy_code.js":
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first in used, path.name
