"""The built package as strangers get it: `python .ci/wheel.py`.

The wheel made from the sdist holds what the wheel of the checkout holds. It is installed into an empty
environment outside the checkout, whose packages cannot be written to, and used from a folder that cannot
be written to either, without a home: the command line, a report, and a script with many public names.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SCRIPT = """\
import pandas as pd
import kitchen as kt

rush = kt.Scenario.load("rush")
friday = kt.Scenario.load("friday")
columns = {"name": ["Soup"], "temp": ["hot"], "shelf_life_s": [300.0], "decay_rate": [0.5]}
menu = kt.Menu.from_frame(pd.DataFrame(columns))
trace = kt.draw(rush, replications=3, seed=1)
run = kt.simulate(rush, kt.Strategy("newest", recall=None), trace=trace)
table = kt.compare(friday, ["discard newcomer", "oldest"], replications=20, seed=1)
grid = kt.sweep(rush, {"arrivals.rate": [8, 12]}, ["random", "oldest"], replications=5)
ranked = kt.levers(friday, "discard newcomer", replications=10, seed=1)
kt.plots.ranking(table.means_of(table.measure), table.measure)
for name in kt.__all__:
    try:
        getattr(kt, name)
    except ModuleNotFoundError as error:
        assert "pip install 'kitchensim[notebook]'" in str(error)
assert len(kt.strategies()) > 20 and len(menu) == 1 and len(run.orders) == len(trace)
assert "discard newcomer" in table.verdict and len(grid.frame) and ranked.verdict
print(kt.__file__)
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kitchen_wheel_") as name:
        folder = Path(name)
        wheel, again = built(folder)
        assert contents(wheel) == contents(again), "the sdist makes another wheel"
        place = installed(wheel, folder / "venv")
        closed = folder / "closed"
        closed.mkdir()
        (folder / "use.py").write_text(SCRIPT, encoding="utf-8")
        for where in (place, closed):
            read_only(where, True)
        try:
            used(folder, closed)
        finally:
            for where in (place, closed):
                read_only(where, False)
    print("The wheel and the sdist hold the same, and work where nothing can be written.")


def built(folder: Path) -> tuple[Path, Path]:
    """The wheel of the checkout, and that of its sdist."""
    tools = folder / "tools"
    venv.create(tools, with_pip=True)
    python = tools / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "build"], check=True)
    source = folder / "source"  # the build leaves folders behind
    subprocess.run(["git", "clone", "-q", ROOT, source], check=True)
    for kind, out in ((["--wheel"], "direct"), ([], "through")):
        command = [python, "-m", "build", *kind, "--outdir", folder / out, source]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next((folder / "direct").glob("*.whl")), next((folder / "through").glob("*.whl"))


def contents(wheel: Path) -> dict[str, str]:
    """Digest of each file of a wheel."""
    with zipfile.ZipFile(wheel) as file:
        return {name: hashlib.sha256(file.read(name)).hexdigest() for name in file.namelist()}


def installed(wheel: Path, environment: Path) -> Path:
    """Install a wheel with the tested versions; its folder of packages."""
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    held = ["-c", ROOT / "constraints.txt"]
    subprocess.run([python, "-m", "pip", "install", "-q", wheel, *held], check=True)
    return next((environment / "lib").glob("python*/site-packages"))


def read_only(folder: Path, closed: bool) -> None:
    """Take or give the right to write into a folder and all in it."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode & ~0o222 if closed else mode | 0o200)


def used(folder: Path, closed: Path) -> None:
    """Use what was installed from a closed folder, without a home and with one that is not there."""
    binaries = folder / "venv" / "bin"
    for home in ({}, {"HOME": "/nonexistent"}):
        environment = {"PATH": f"{binaries}:/usr/bin:/bin", "TMPDIR": str(folder), **home}
        out = folder / f"report{len(home)}"
        for command in (
            ["kitchen", "--version"],
            ["kitchen", "serve", "--help"],
            ["kitchen", "report", "friday", "--replications", "20", "--out", out],
            ["python", folder / "use.py"],
        ):
            subprocess.run(
                [*without_privileges(), *command],
                cwd=closed, env=environment, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        assert (out / "report.html").stat().st_size > 100_000, "the report is nearly empty"
        refused = subprocess.run(
            [*without_privileges(), "kitchen", "report", "friday", "--replications", "20"],
            cwd=closed, env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip
        assert refused.returncode == 2 and refused.stderr.count("\n") == 1, refused.stderr


def without_privileges() -> list[str]:
    """What goes before a command so that modes of files hold for the superuser, too."""
    if os.geteuid() or not shutil.which("setpriv"):
        return []
    taken = "--bounding-set=-dac_override,-dac_read_search,-fowner"
    return ["setpriv", taken, "--inh-caps=-all"]


if __name__ == "__main__":
    sys.exit(main())
