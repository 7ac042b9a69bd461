"""The files that others look for agree with pyproject.toml: citation, recipe, workflow."""

import importlib.util
import re
import tomllib

import jinja2
import pytest
from support.paths import ROOT

import kitchen

yaml = pytest.importorskip("yaml")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def read(path):
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def test_the_citation_is_of_this_version():
    cited = read("CITATION.cff")
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == kitchen.__version__
    assert cited["license"] == PROJECT["license"]
    assert PROJECT["name"] in cited["title"]
    assert cited["authors"] and cited["message"]


def test_the_recipe_asks_for_what_the_package_asks_for():
    """Rendered as conda-build does it, with Jinja and YAML, and without a network."""
    text = (ROOT / "recipe/meta.yaml").read_text("utf-8")
    rendered = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(text)
    recipe = yaml.safe_load(rendered.render(environ={}, PYTHON="python"))
    assert recipe["package"] == {"name": PROJECT["name"], "version": kitchen.__version__}
    wanted = [f"python {PROJECT['requires-python']}"]
    wanted += [re.sub(r"(?=>=)", " ", one, count=1) for one in PROJECT["dependencies"]]
    assert recipe["requirements"]["run"] == wanted
    points = [f"{name} = {target}" for name, target in PROJECT["scripts"].items()]
    assert recipe["build"]["entry_points"] == points
    assert recipe["about"]["summary"] == PROJECT["description"]


def test_the_workflow_tests_the_oldest_and_the_newest_python_on_three_systems():
    matrix = read(".github/workflows/ci.yml")["jobs"]["quick"]["strategy"]["matrix"]
    told = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if ":: Python ::" in c]
    assert matrix["python"] == [told[0], told[-1]]
    assert [system.split("-")[0] for system in matrix["os"]] == ["ubuntu", "macos", "windows"]
    lanes = re.search(r"^LANES = (.*)$", (ROOT / ".ci/lane.py").read_text("utf-8"), re.MULTILINE)
    assert matrix["versions"] == re.findall(r'"(\w+)"', lanes[1])
    assert matrix["exclude"] == [{"python": told[-1], "versions": "oldest"}]


def test_the_oldest_lane_holds_every_requirement_at_its_lower_bound():
    spec = importlib.util.spec_from_file_location("lane", ROOT / ".ci/lane.py")
    lane = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lane)
    held = dict(one.split("==") for one in lane.oldest())
    for one in PROJECT["dependencies"]:
        name, bound = one.split(">=")
        assert held[name].removesuffix(".*") == bound


def test_the_hooks_are_those_of_make_lint():
    (local,) = read(".pre-commit-config.yaml")["repos"]
    assert [hook["entry"].split()[:2] for hook in local["hooks"]] == [
        ["ruff", "check"],
        ["ruff", "format"],
    ]


@pytest.mark.parametrize("name", ["bug", "idea"])
def test_an_issue_template_is_one(name):
    template = read(f".github/ISSUE_TEMPLATE/{name}.yml")
    assert template["name"] and template["description"] and template["body"]
