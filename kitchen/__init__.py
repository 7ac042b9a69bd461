"""What should a delivery kitchen do with food that has no room? A simulation that compares answers."""

import sys
from importlib import import_module
from types import ModuleType

_HOME = {
    "Scenario": "scenario",
    "Strategy": "strategies",
    "strategies": "strategies",
    "Rule": "rules",
    "Menu": "orders",
    "read_orders": "orders",
    "Trace": "trace",
    "draw": "trace",
    "simulate": "run",
    "Run": "run",
    "compare": "compare",
    "compare_over": "compare",
    "Comparison": "compare",
    "bound": "bound",
    "Bound": "bound",
    "check_rule": "checking",
    "check_strategy": "checking",
    "report": "report",
    "sweep": "sweep",
    "read_sweep": "sweep",
    "Sweep": "sweep",
    "sensitivity": "sensitivity",
    "break_even": "breakeven",
    "size": "sizing",
    "Sizing": "sizing",
    "read_study": "studies",
    "read_csv": "tables",
    "write_csv": "tables",
    "LiveKitchen": "widgets",
    "Explorer": "widgets",
    "SweepViewer": "widgets",
    "Sweeper": "widgets",
    "KitchenError": "errors",
}
_MODULES = ("plots", "metrics", "designs", "decay", "rules", "errors", "widgets")

__version__ = "0.1.0"
__all__ = [*_HOME, *_MODULES]


def __getattr__(name):
    """Load a name's module when the name is first used, so that the import itself is quick."""
    if name in _HOME:
        value = getattr(import_module(f"kitchen.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"kitchen.{name}")
    else:
        raise AttributeError(f"module 'kitchen' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])


class _Package(ModuleType):
    """A package whose functions win over its modules of the same name.

    The import system binds each imported module to its parent: without this, `kitchen.compare` would
    be the function or the module, whichever was asked for last.
    """

    def __setattr__(self, name, value):
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __reduce__(self):
        """A module travels to other processes by its name, also within a user's function."""
        return import_module, (self.__name__,)


sys.modules[__name__].__class__ = _Package
