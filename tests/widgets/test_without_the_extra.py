"""Without the packages of the extra, every way in says what to install."""

import subprocess
import sys

import pytest

BLOCKED = "import sys; sys.modules[{name!r}] = None; import kitchen as kt; "


def told(code, name):
    run = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(name=name) + code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return run.returncode, run.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("name", ["ipywidgets", "anywidget"])
@pytest.mark.parametrize("way", ["Explorer", "LiveKitchen", "SweepViewer", "Sweeper"])
def test_a_widget_says_what_to_install(name, way):
    code, line = told(f"kt.{way}", name)
    assert code == 1 and line.endswith("pip install 'kitchensim[notebook]'"), line


def test_the_command_says_so_in_one_line():
    command = "from kitchen.cli.main import main; sys.exit(main(['serve', 'rush']))"
    code, line = told(command, "ipywidgets")
    assert code == 2 and line.startswith("kitchen: the widgets need ipywidgets")
