"""Examples in docstrings: those of every public name run, and the list of names without one shrinks."""

import doctest
import inspect

import pytest

import kitchen as kt

WITHOUT_EXAMPLE = {
    "Bound",
    "Comparison",
    "Sizing",
    "Sweep",
    "plots.HoverBox",
    "plots.value_texts",
}
"""Public names whose docstring has no example yet. Take a name out when it gets one; add none."""


def public():
    """Every public class and function by its path below `kt`; a module without `__all__` as a whole."""
    things = {}
    top = [getattr(kt, name) for name in kt.__all__]
    for name in kt.__all__:
        thing = getattr(kt, name)
        inner = getattr(thing, "__all__", None) if inspect.ismodule(thing) else None
        for key in inner or ():
            if callable(getattr(thing, key)) and getattr(thing, key) not in top:
                things[f"{name}.{key}"] = getattr(thing, key)
        if not inner and (callable(thing) or inspect.ismodule(thing)):
            things[name] = thing
    return things


PUBLIC = public()


def examples(path):
    """The doctests of a public name and its methods."""
    tests = doctest.DocTestFinder().find(PUBLIC[path], path)
    return [test for test in tests if test.examples]


@pytest.mark.parametrize("path", [path for path in PUBLIC if path not in WITHOUT_EXAMPLE])
def test_the_examples_of_a_docstring_give_what_they_show(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    tests, report = examples(path), []
    for test in tests:
        runner.run(test, out=report.append)
    assert tests, f"{path}: its docstring has no example."
    assert not runner.failures, "".join(report)


def test_no_name_on_the_list_has_an_example():
    assert {path for path in WITHOUT_EXAMPLE if path not in PUBLIC or examples(path)} == set()
