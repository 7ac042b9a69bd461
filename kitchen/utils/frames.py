"""Attributes that are data frames: kept once, handed out as copies that cannot change what is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class frame_field:
    """A field of a dataclass that is a data frame: ``frame: pd.DataFrame = frame_field()``.

    Each reader gets a copy, so that exports, and the next reader, see the frame as it was given. The
    copy is deep: pandas' copy-on-write does not hold for what is written through ``.array``. It costs
    0.25 ms for 26,400 rows of `Run.orders`, and less than a tenth of the time that made them.

    Parameters
    ----------
    default : object
        Without one the field must be given.
    """

    def __init__(self, *default):
        self.default = default

    def __set_name__(self, owner: type, name: str):
        self.name = name

    def __get__(self, instance, owner=None) -> Any:
        if instance is None:  # a dataclass asks for the default
            if not self.default:
                raise AttributeError(self.name)
            return self.default[0]
        return _copied(vars(instance)[self.name])

    def __set__(self, instance, frame):
        vars(instance)[self.name] = frame


class cached_frame:
    """Decorator like `functools.cached_property` for a method that returns a data frame.

    The frame is made once; each reader gets a copy, as from a `frame_field`.
    """

    def __init__(self, make: Callable[[Any], pd.DataFrame]):
        self.make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str):
        self.name = name

    def __get__(self, instance, owner=None) -> pd.DataFrame:
        if instance is None:
            return self  # type: ignore[return-value]
        kept = vars(instance)
        if self.name not in kept:
            kept[self.name] = self.make(instance)
        return _copied(kept[self.name])

    def __set__(self, instance, frame):
        raise AttributeError(f"{self.name} of {type(instance).__name__} cannot be set")


def _copied(frame):
    return None if frame is None else frame.copy(deep=True)
