"""A strategy as plain Python text, the numbers of its rules filled in."""

from __future__ import annotations

import ast
import inspect
import textwrap

from kitchen.model.rules import Rule
from kitchen.model.strategy import Strategy
from kitchen.model.templates import rule_in_file

_SETTINGS = (("recall_when", "eager"), ("discard_from", "overflow+newcomer"))


def python_of(strategy: Strategy) -> str:
    """Python text that makes a strategy again, with each rule that has parameters as a function.

    Parameters
    ----------
    strategy : Strategy
        Of shipped rules, with or without parameters.
    """
    functions, arguments = [], []
    for decision in ("discard", "recall", "demote", "issue"):
        rule = getattr(strategy, decision)
        if rule is None:
            value = "None"
        elif isinstance(rule_in_file(decision, rule), str):
            value = repr(rule.name)
        else:
            value = f"{decision}_rule"
            functions.append(_function(rule, value))
        arguments.append(f"    {decision}={value},")
    arguments += [
        f"    {key}={getattr(strategy, key)!r},"
        for key, default in _SETTINGS
        if getattr(strategy, key) != default
    ]
    arguments.append(f"    name={strategy.name!r},")
    made = "\n".join(["strategy = kt.Strategy(", *arguments, ")"])
    return "\n\n\n".join(["import kitchen as kt", *functions, made]) + "\n"


def _function(rule: Rule, name: str) -> str:
    """The source of a rule's function under another name, with numbers in place of its parameters."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule.function)))
    (function,) = tree.body
    params = function.args.args[1].arg
    function.name = name
    function.args.args = function.args.args[:1]
    function.body[0] = ast.Expr(ast.Constant(f"Rule {rule.name!r}; the lowest score is chosen."))
    filled = _Filled(params, rule.params, rule.function.__globals__).visit(function)
    return ast.unparse(ast.fix_missing_locations(filled))


class _Filled(ast.NodeTransformer):
    """Numbers in place of ``p[0]``, ``p[1]`` and so on, and of the constants of a module."""

    def __init__(self, name: str, params: tuple[float, ...], constants: dict):
        self.name, self.params, self.constants = name, params, constants

    def visit_Name(self, node):
        value = self.constants.get(node.id)
        return ast.Constant(value) if isinstance(value, float) else node

    def visit_Subscript(self, node):
        if isinstance(node.value, ast.Name) and node.value.id == self.name:
            return ast.Constant(self.params[node.slice.value])
        return self.generic_visit(node)
