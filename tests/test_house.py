"""The house: what is installed, what a file may say, who may import whom."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.paths import ROOT

import kitchen
from kitchen.engine.draw import menu_of

PACKAGE = ROOT / "kitchen"
SCRIPTS = Path(sys.executable).parent


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements():
    """Every requirement of the project, extras included, by its plain name."""
    extras = project()["optional-dependencies"].values()
    lines = [*project()["dependencies"], *(line for extra in extras for line in extra)]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def pins():
    """The version of each package in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("==") for line in lines if not line.startswith("#")]


def files():
    """What is in the repository, or would be after `git add`."""
    ask = ["git", "-c", "safe.directory=*", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    try:
        told = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only git knows which files belong to the repository")
    return [ROOT / name for name in told.split("\0") if (ROOT / name).is_file()]


def python(code, **environment):
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# Requirements


def test_conda_users_get_the_same_requirements():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^ +- ([a-z0-9-]+) ([<>=].*)$", text, re.MULTILINE))
    assert listed.pop("python") == project()["requires-python"]
    assert listed == {name: str(need.specifier) for name, need in requirements().items()}


def test_extras_that_name_a_package_twice_agree():
    for extra in project()["optional-dependencies"].values():
        for line in extra:
            assert Requirement(line) == requirements()[canonicalize_name(Requirement(line).name)]


def test_constraints_are_names_and_versions_only():
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z0-9-]+==[0-9][a-z0-9.]*", line)
    names = [name for name, _ in pins()]
    assert names == sorted(set(names))


def test_constraints_pin_every_requirement_to_a_version_it_allows():
    versions = dict(pins())
    for name, need in requirements().items():
        assert need.specifier.contains(versions[name]), need


def test_the_tested_pythons_are_those_that_are_allowed():
    told = [c.rsplit(" ", 1)[1] for c in project()["classifiers"] if ":: Python ::" in c]
    low = int(re.fullmatch(r">=3\.(\d+)", project()["requires-python"])[1])  # and no upper end
    assert told == [f"3.{minor}" for minor in range(low, low + len(told))]


# Files

MACHINE = re.compile(
    r"/ho[m]e/\w|/ro[o]t/\w|/Us[e]rs/\w|/wo[r]k/\w|\b[A-Z]:[\\]+\w+[\\]"  # somebody's folders
    r"|py[p]i\.org|pytho[n]hosted|regis[t]ry\.npmjs|(?:extra-)?ind[e]x-url"  # where packages are
    r"|https?://(?!127\.0\.0\.1)\d+\.\d+\.\d+\.\d+"
)


def test_no_file_names_a_machine_or_a_registry():
    found = []
    for path in files():
        text = path.read_text(encoding="utf-8", errors="ignore")
        found += [f"{path.relative_to(ROOT)}: {m[0]}" for m in MACHINE.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "constraints.txt", "environment.yml", "Makefile", ".ci/run"]
)
def test_setting_up_names_no_address(name):
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_notebooks_are_kept_without_outputs():
    for path in files():
        if path.suffix == ".ipynb":
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                assert not cell.get("outputs"), path
                assert cell.get("execution_count") is None, path


# Folders and sizes

MOST_NAMES = 18
"""Folders and files at the top of the package, beside those that Python or a tool asks for."""

MOST_LINES = 500
"""Lines of a file of the package, but for the kernel, which is compiled as one."""

OF_TESTS = {"oracle", "browser", "support", "data"}
"""Folders of tests that mirror no folder of the package."""


def inside(folder):
    """Names of files and folders of the repository that stand in a folder of it."""
    paths = [path.relative_to(folder) for path in files() if path.is_relative_to(folder)]
    return {path.parts[0] for path in paths}


def test_the_top_of_the_package_is_read_at_a_glance():
    names = {name for name in inside(PACKAGE) if not name.startswith("__")} - {"py.typed"}
    assert len(names) <= MOST_NAMES, sorted(names)


def test_no_file_of_the_package_is_too_long_to_read():
    lines = {
        str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8").count("\n")
        for path in PACKAGE.rglob("*.py")
    }
    lines.pop(os.path.join("engine", "kernel.py"))
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_each_folder_of_tests_mirrors_one_of_the_package():
    folders = {name for name in inside(ROOT / "tests") if (ROOT / "tests" / name).is_dir()}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders - OF_TESTS <= packages
    assert folders >= OF_TESTS


# Imports


def test_importing_the_package_is_light():
    """Neither pictures nor widgets nor scipy, and no number crunching before it is asked for."""
    heavy = "matplotlib", "ipywidgets", "scipy", "numba", "pandas"
    code = f"import sys, kitchen; print([m for m in {heavy!r} if m in sys.modules])"
    assert python(code) == "[]"


def test_what_a_simulation_needs_imports_no_pictures_and_compiles_nothing(tmp_path):
    code = """
import sys
from numba.core import event
with event.install_recorder("numba:compile") as recorder:
    import kitchen
    kitchen.simulate, kitchen.compare, kitchen.draw, kitchen.Trace, kitchen.Scenario.load("rush")
modules = "matplotlib", "ipywidgets", "scipy.special", "scipy.stats"
print([m for m in modules if m in sys.modules], len(recorder.buffer))
"""
    assert python(code, NUMBA_CACHE_DIR=str(tmp_path)) == "[] 0"
    assert list(tmp_path.iterdir()) == []


def test_plots_import_no_pyplot():
    assert python("import sys, kitchen.plots; print('matplotlib.pyplot' in sys.modules)") == "False"


MODULES = ["decay", "designs", "errors", "metrics", "plots", "rules", "widgets"]


@pytest.mark.parametrize("first", ["comparison.comparison", "reporting.report", "model", "sweeps"])
def test_a_name_that_is_handed_on_stays_it_when_its_module_is_imported(first):
    code = f"""
import kitchen as kt, importlib
importlib.import_module("kitchen.{first}")
print([name for name in kt.__all__ if name not in {MODULES} and type(getattr(kt, name)).__name__ == "module"])
"""
    assert python(code) == "[]"


def test_nothing_inside_imports_the_package_itself():
    modules = {path.stem for path in PACKAGE.iterdir()} - {"__init__"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert "kitchen" not in [name.name for name in node.names], path
            if isinstance(node, ast.ImportFrom) and node.module == "kitchen":
                assert {name.name for name in node.names} <= modules, path


def test_imports_go_one_way():
    done = subprocess.run(
        [SCRIPTS / "lint-imports", "--no-logo", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


# What ships


@pytest.mark.parametrize("name", kitchen.Scenario.shipped())
def test_a_shipped_scenario_loads_with_its_menu(name):
    scenario = kitchen.Scenario.load(name)
    assert scenario.name == name
    assert len(menu_of(scenario)) > 0


def test_the_version_is_told_in_the_changes():
    assert f"\n## {kitchen.__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
