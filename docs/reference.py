"""Pages of the reference, made from the code: public names, keys of files, rules, measures, commands.

`docs/build.py` writes them into the source of the site; nothing here is written by hand, so that
nothing can be out of date.
"""

from __future__ import annotations

import inspect
import textwrap
import types
import typing
from typing import Annotated, Any

import annotated_types
from numpydoc.docscrape import NumpyDocString
from pydantic import BaseModel

import kitchen as kt
from kitchen.cli.parser import parser
from kitchen.logs.mapping import KEYWORDS
from kitchen.logs.read_log import DEFAULTS, read_log
from kitchen.model import arrivals, distributions
from kitchen.model.demand import Couriers, Orders
from kitchen.model.measures import MEASURES
from kitchen.model.rules import BUILT_IN, DECISIONS, FIELDS, NO_RULE
from kitchen.model.scenario import Scenario
from kitchen.model.shelf import Shelf
from kitchen.model.strategy import _File as StrategyFile
from kitchen.model.strategy import _Settings as StrategySettings
from kitchen.model.strategy import _Template as StrategyRule
from kitchen.sweeps.designs import Design
from kitchen.sweeps.study_file import _File as StudyFile
from kitchen.sweeps.study_file import _Sensitivity as StudySensitivity

TYPES = {float: "number", int: "whole number", str: "text", bool: "true or false"}
"""What the pages call a type."""

INHERITED = {"model_config", "model_post_init"}
"""What pydantic adds to a model."""


def pages() -> dict[str, str]:
    """Path below the source of the site -> text of the page, for all pages that are made."""
    return {
        **api_pages(),
        "reference/index.md": index(),
        "reference/scenario_keys.md": scenario_keys(),
        "reference/strategy_keys.md": strategy_keys(),
        "reference/study_keys.md": study_keys(),
        "reference/mapping_keys.md": mapping_keys(),
        "reference/rules.md": rules(),
        "reference/measures.md": measures(),
        "reference/commands.md": commands(),
    }


def index() -> str:
    """The page that leads to the others."""
    return """# Reference

All of it is made from the code when the site is built.

```{toctree}
:maxdepth: 1

api/index
scenario_keys
strategy_keys
study_keys
mapping_keys
rules
measures
commands
../glossary
```
"""


# --- Public names ------------------------------------------------------------------------------


def public_names() -> dict[str, Any]:
    """Every public name below `kt` -> what it is; of a module with `__all__` those that are not above."""
    found = {name: getattr(kt, name) for name in sorted(kt.__all__)}
    top = list(found.items())
    for name, thing in top:
        for inner in members(thing):
            if not any(getattr(thing, inner) is other for _, other in top):
                found[f"{name}.{inner}"] = getattr(thing, inner)
    return found


def members(thing) -> list[str]:
    """The public names of a module that lists them."""
    return list(getattr(thing, "__all__", ())) if inspect.ismodule(thing) else []


def api_pages() -> dict[str, str]:
    """A page for each public name, and one that lists them by the folder they live in."""
    made, folders = {}, {}
    for name, thing in sorted(public_names().items(), key=lambda item: item[0].lower()):
        made[f"reference/api/{stem(name)}.rst"] = api_page(name, thing)
        folders.setdefault(folder_of(name, thing), []).append(name)
    made["reference/api/index.rst"] = api_index(folders)
    return made


def stem(name: str) -> str:
    """The file of a name's page: one that differs from all others also where case does not count."""
    *above, last = name.split(".")
    return ".".join([*above, f"class-{last}" if last[0].isupper() else last])


def folder_of(name: str, thing) -> str:
    """The folder of the package that a public name belongs to."""
    if "." in name:
        thing = getattr(kt, name.partition(".")[0])
    module = thing.__name__ if inspect.ismodule(thing) else getattr(thing, "__module__", "kitchen")
    return (module.split(".") + ["utils"])[1]


def api_page(name: str, thing) -> str:
    """The page of one name: its docstring, and its methods' where it is a class."""
    title, target = f"kt.{name}", f"kitchen.{name}"
    if inspect.ismodule(thing):
        kind, target = "automodule", thing.__name__
        options = [] if members(thing) else ["   :members:"]
    elif inspect.isclass(thing):
        own = [key for key in vars(thing) if not key.startswith("_") and key not in INHERITED]
        if issubclass(thing, BaseModel):
            own = [key for key in own if callable(getattr(thing, key, None))]
        kind, options = "autoclass", [f"   :members: {', '.join(own)}"] if own else []
    elif callable(thing):
        kind, options = "autofunction", []
    else:
        home = getattr(getattr(kt, name.partition(".")[0]), "__name__", "kitchen")
        kind, target, options = "autodata", f"{home}.{name.rpartition('.')[2]}", ["   :no-value:"]
    lines = [title, "=" * len(title), "", f".. {kind}:: {target}", *options, ""]
    there = public_names()
    paths = [f"{name}.{inner}" if f"{name}.{inner}" in there else inner for inner in members(thing)]
    lines += [f"* :doc:`kt.{path} <{stem(path)}>`" for path in paths]
    return "\n".join(lines) + "\n"


def api_index(folders: dict[str, list[str]]) -> str:
    """All names with their first sentence, by folder."""
    lines = ["Public names", "============", ""]
    lines += ["``import kitchen as kt``; each name loads when it is first used.", ""]
    for folder in sorted(folders):
        told = inspect.getdoc(__import__(f"kitchen.{folder}", fromlist=["_"])) or folder
        sentence = told.partition("\n\n")[0].replace("\n", " ")
        lines += [
            folder,
            "-" * len(folder),
            "",
            sentence,
            "",
            ".. list-table::",
            "   :widths: 35 65",
            "",
        ]
        for name in folders[folder]:
            text = first_sentence(public_names()[name])
            lines += [f"   * - :doc:`kt.{name} <{stem(name)}>`", f"     - {text}"]
        lines.append("")
    lines += [".. toctree::", "   :hidden:", ""]
    lines += [f"   {stem(name)}" for names in folders.values() for name in sorted(names)]
    return "\n".join(lines) + "\n"


def first_sentence(thing) -> str:
    """The first paragraph of a docstring, in one line, for reStructuredText."""
    told = inspect.getdoc(thing) or ""
    if not (inspect.ismodule(thing) or inspect.isclass(thing) or inspect.isroutine(thing)):
        told = f"{type(thing).__name__} of {len(thing)}" if hasattr(thing, "__len__") else told
    return " ".join(told.partition("\n\n")[0].split()).replace("`", "``").replace("````", "``")


# --- Keys of files -----------------------------------------------------------------------------


def scenario_keys() -> str:
    """The page of the keys of a scenario file."""
    parts = [
        "# Keys of a scenario file",
        "A scenario is a TOML file; `kitchen scenarios` lists those that ship, and `kt.Scenario.load` "
        "reads one. Seconds are counted from the opening. An unknown key is refused with the nearest "
        "that there is. A path such as `shelves.overflow.capacity` names a key in `--set`, `replace` "
        "and studies; a shelf goes by its name.",
        table("At the top", Scenario),
        table("`[orders]`", Orders),
    ]
    for process in (arrivals.Poisson, arrivals.Regular, arrivals.Piecewise):
        word = tag(process)
        parts.append(table(f'`[arrivals]` with `process = "{word}"`', process))
    parts.append(table("`[couriers]`", Couriers))
    parts.append(
        "## Distributions\n\nA delay is a table with the name of its distribution, as in "
        '`delay = { distribution = "uniform", low = 2.0, high = 6.0 }`.'
    )
    for law in distributions.Distribution.__origin__.__args__:
        parts.append(table(f'`distribution = "{tag(law)}"`', law, level=3))
    parts.append(table("`[[shelves]]`, one block a shelf", Shelf))
    return "\n\n".join(parts) + "\n"


def strategy_keys() -> str:
    """The page of the keys of a strategy file."""
    return (
        "\n\n".join(
            [
                "# Keys of a strategy file",
                "A strategy is a TOML file with a table `[strategy]`; `kt.Strategy.load` reads one, `save` "
                "writes one, and its path stands for it in `--strategies` and in studies. Keys that are left "
                "out have the defaults of `kt.Strategy`.",
                table("At the top", StrategyFile),
                table("`[strategy]`", StrategySettings),
                table(
                    "A rule with parameters, as `discard = { rule = ..., params = [...] }`",
                    StrategyRule,
                ),
            ]
        )
        + "\n"
    )


def study_keys() -> str:
    """The page of the keys of a study file."""
    kinds = "\n".join(
        f"| `{kind}` | {keys} |"
        for kind, keys in {
            "grid": "`ranges`: a path -> its values; all combinations",
            "points": "`points`: a list of tables of path -> value",
            "latin hypercube": "`ranges`, `n`, `seed`",
            "sobol": "`ranges`, `n`, `seed`",
        }.items()
    )
    told = inspect.getdoc(Design.from_dict).split("\n\n")[1].replace("\n", " ").replace("``", "`")
    return (
        "\n\n".join(
            [
                "# Keys of a study file",
                "A study is a TOML file for `kitchen sweep`, `kitchen sensitivity` and `kt.read_study`.",
                table("At the top", StudyFile),
                "## `[design]`\n\nThe key `kind` says which (default: `grid`). " + told,
                "| kind | keys |\n|---|---|\n" + kinds,
                table("`[sensitivity]`", StudySensitivity),
            ]
        )
        + "\n"
    )


def mapping_keys() -> str:
    """The page of the keys of a mapping file, from the arguments of `read_log`."""
    listed = {p.name: p for p in NumpyDocString(inspect.getdoc(read_log))["Parameters"]}
    rows = [
        f"| `{key}` | {cell(listed[key].type)} | {code(DEFAULTS.get(key))} | "
        f"{cell(' '.join(listed[key].desc))} |"
        for key in KEYWORDS
    ]
    return (
        "# Keys of a mapping file\n\nA mapping is a TOML file with the keywords of `kt.read_log`, for "
        "logs of one kind: `kitchen log orders.csv --mapping mine.toml`. A menu is looked up in its "
        "folder.\n\n"
        "| key | what | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def table(title: str, model: type[BaseModel], level: int = 2) -> str:
    """A model's keys: what each takes, its default, and its meaning."""
    rows = [
        f"| `{key}` | {kind_of(field)} | {default_of(field)} | {cell(field.description)} |"
        for key, field in model.model_fields.items()
    ]
    head = f"{'#' * level} {title}\n\n| key | what | default | meaning |\n|---|---|---|---|\n"
    return head + "\n".join(rows)


def tag(model: type[BaseModel]) -> str:
    """The value of a model's first key, by which it is recognised."""
    return next(iter(model.model_fields.values())).default


def kind_of(field) -> str:
    """What a key takes, in words: "number above 0", "one of `removed`, `held`"."""
    return cell(_kind(field.annotation, field.metadata))


def _kind(annotation, metadata=()) -> str:
    if typing.get_origin(annotation) is Annotated:
        inner, *more = typing.get_args(annotation)
        return _kind(inner, [*metadata, *more])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        options = [a for a in typing.get_args(annotation) if a is not type(None)]
        if all(inspect.isclass(o) and issubclass(o, BaseModel) for o in options):
            return "table: " + ", ".join(f"`{tag(option)}`" for option in options)
        return " or ".join(_kind(option, metadata) for option in options)
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(f"`{value}`" for value in typing.get_args(annotation))
    if typing.get_origin(annotation) is tuple:
        inner = typing.get_args(annotation)[0]
        is_table = inspect.isclass(inner) and issubclass(inner, BaseModel)
        return "list of tables" if is_table else f"list: {_kind(inner)}"
    if typing.get_origin(annotation) is dict or (
        inspect.isclass(annotation) and issubclass(annotation, BaseModel)
    ):
        return "table"
    return " ".join(
        [TYPES.get(annotation, "see its meaning"), " and ".join(_bounds(metadata))]
    ).strip()


def _bounds(metadata) -> list[str]:
    """What limits a number, in words."""
    words = {"ge": "of at least", "gt": "above", "le": "of at most", "lt": "below"}
    said = []
    for item in metadata:
        for part in item.metadata if hasattr(item, "metadata") else [item]:
            for key, word in words.items():
                known = getattr(annotated_types, key.capitalize())
                if isinstance(part, known) and abs(getattr(part, key)) < 2**40:
                    said.append(f"{word} {getattr(part, key):g}")
    return said


def default_of(field) -> str:
    """The default of a key, as TOML has it."""
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    return "" if value is None or value == "" or isinstance(value, BaseModel) else code(value)


def code(value) -> str:
    """A value as code; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return f"`[{', '.join(map(repr, value))}]`".replace("'", '"')
    return f"`{value}`" if not isinstance(value, str) else f'`"{value}"`'


def cell(text: str) -> str:
    """A text for a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


# --- Rules, measures, commands -----------------------------------------------------------------


def rules() -> str:
    """The page of the shipped rules, with their code, and of what a rule may read."""
    parts = [
        "# Rules and their fields",
        "A rule is a function of one candidate order that returns a number; the order with the lowest "
        "number is chosen, and `inf` means never this one. `docs/strategies.md` says what each is good for.",
    ]
    for decision in DECISIONS:
        parts.append(f"## {decision.capitalize()}")
        if decision in NO_RULE:
            name, meaning = NO_RULE[decision]
            parts.append(f"`{name}`: {meaning}.")
        for rule in BUILT_IN[decision].values():
            source = textwrap.dedent(inspect.getsource(rule.function)).rstrip()
            parts.append(
                f"### {rule.name} ({decision})\n\n{rule.description}\n\n```python\n{source}\n```"
            )
    rows = "\n".join(f"| `order.{name}` | {cell(meaning)} |" for name, meaning in FIELDS.items())
    parts.append("## Fields that a rule may read\n\n| field | meaning |\n|---|---|\n" + rows)
    return "\n\n".join(parts) + "\n"


def measures() -> str:
    """The page of all measures."""
    rows = "\n".join(
        f"| `{name}` | {cell(measure.title)} | {cell(measure.unit)} | {measure.better} | "
        f"{cell(measure.definition)} |"
        for name, measure in MEASURES.items()
    )
    return (
        "# Measures\n\nA measure is a column of `run.summary`, a row a replication; strategies are "
        "compared by it with `measure=` or `--measure`.\n\n"
        f"| name | title | unit | direction | definition |\n|---|---|---|---|---|\n{rows}\n"
    )


def commands() -> str:
    """The page of the command line: the help of each command."""
    top = parser()
    listed = next(a.choices for a in top._actions if getattr(a, "choices", None))
    parts = ["# Commands", f"```text\n{top.format_help().rstrip()}\n```"]
    for name, command in listed.items():
        parts.append(f"## kitchen {name}\n\n```text\n{command.format_help().rstrip()}\n```")
    return "\n\n".join(parts) + "\n"
