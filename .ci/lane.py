"""The quick tests with other versions of the dependencies: `python .ci/lane.py oldest|tested|newest`.

In an environment of its own, in a temporary folder. The oldest versions are the lower bounds of
pyproject.toml, the tested ones those of constraints.txt, the newest whatever there is.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LANES = ("oldest", "tested", "newest")
ALSO = ["pyparsing<3.3"]
"""Held in the oldest lane, though nobody requires it: 3.3 warns of how matplotlib 3.9 calls it."""
QUICK = [
    "tests/engine",
    "tests/model",
    "tests/simulation",
    "tests/comparison",
    "tests/io",
    "tests/stats",
    "tests/logs",
    "tests/utils/test_text.py",
]


def oldest() -> list[str]:
    """Constraints: each requirement at its lower bound, to the last number that it gives."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["notebook"]]
    found = [re.fullmatch(r"([\w.-]+)>=([\d.]+)", one) for one in wanted]
    held = {f"{one[1]}=={one[2]}{'' if one[2].count('.') > 1 else '.*'}" for one in found}
    return sorted(held)


def main(lane: str) -> int:
    """Set up and test; the exit code of the tests."""
    with tempfile.TemporaryDirectory(prefix="kitchen_lane_") as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        install = [python, "-m", "pip", "install", "-qq", "-e", f"{ROOT}[test,notebook]"]
        if lane == "oldest":
            held = Path(folder) / "oldest.txt"
            held.write_text("\n".join([*oldest(), *ALSO]), encoding="utf-8")
            install += ["-c", held]
        elif lane == "tested":
            install += ["-c", ROOT / "constraints.txt"]
        subprocess.run(install, check=True)
        quick = [
            python,
            "-m",
            "pytest",
            "-n",
            "logical",
            "-m",
            "not slow and not long and not browser",
        ]
        return subprocess.run([*quick, *QUICK], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:2] not in [[lane] for lane in LANES]:
        sys.exit(f"usage: python .ci/lane.py {'|'.join(LANES)}")
    sys.exit(main(sys.argv[1]))
