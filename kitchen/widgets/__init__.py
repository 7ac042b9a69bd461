"""Widgets for JupyterLab and for `kitchen serve`; the only room that knows ipywidgets.

`parts` is what they share: a page on which no fault is lost. `live`, `explorer`, `sweeps` and
`sweeper` are the tools, `together` puts them on one page.
"""

from importlib import import_module

try:
    import ipywidgets  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "the widgets need ipywidgets and JupyterLab: pip install 'kitchen[notebook]'",
        name=error.name,
    ) from None

_HOME = {
    "Explorer": "explorer",
    "LiveKitchen": "live",
    "SweepViewer": "sweeps",
    "Sweeper": "sweeper",
    "page": "together",
}
__all__ = list(_HOME)


def __getattr__(name):
    """Load a tool when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'kitchen.widgets' has no attribute {name!r}")
    return getattr(import_module(f"kitchen.widgets.{_HOME[name]}"), name)


def __dir__():
    return sorted([*globals(), *__all__])
