"""Shelves: what they hold, how many slots they have, and how fast food ages on them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, model_validator

from kitchen.errors import shown, unknown
from kitchen.utils.schema import (
    Strict,
    Text,
    Whole,
    number_of,
)
from kitchen.utils.validation import is_text


def _holds(value):
    """Validate `holds`: a list of temps, or "any"."""
    if value == "any":
        return value
    temps = tuple(value) if isinstance(value, (list, tuple)) else ()
    if not temps or not all(isinstance(temp, str) and temp for temp in temps):
        raise ValueError(f"must be a list of temps, or 'any', got {shown(value)}")
    if not all(map(is_text, temps)):
        raise ValueError(f"must be text, got {shown(value)}, which holds half of a surrogate pair")
    if "any" in temps:
        raise ValueError("'any' stands alone: holds = \"any\"")
    for temp in temps:
        if temps.count(temp) > 1:
            raise ValueError(f"names {shown(temp)} twice")
    return temps


def _modifier(value):
    """Validate a modifier: one number, or one per temp."""
    if not isinstance(value, dict):
        return number_of(value, "a number, or a table of numbers per temp,")
    for temp, number in value.items():
        try:
            number_of(number)
        except ValueError as error:
            raise ValueError(f"{temp}: {error}") from None
    return {str(temp): float(number) for temp, number in value.items()}


class Shelf(Strict):
    """A shelf: its capacity, the temps it holds, and how fast food ages on it."""

    name: Text
    """Name of the shelf; paths of settings use it, as in `shelves.overflow.capacity`."""
    holds: Annotated[Any, PlainValidator(_holds)]
    """Temps that the shelf takes, as a list, or "any"."""
    capacity: Annotated[Whole, Field(le=2**40)]
    """Number of slots; each holds one order."""
    modifier: Annotated[Any, PlainValidator(_modifier)] = 1.0
    """How many times as fast food ages on the shelf: one number, or a table of one per temp."""

    @model_validator(mode="after")
    def _modifies_what_it_holds(self):
        if isinstance(self.modifier, dict) and self.holds != "any":
            for temp in self.modifier:
                if temp not in self.holds:
                    raise ValueError(f"modifier: {unknown('temp', temp, self.holds)}".rstrip("."))
        return self

    def takes(self, temp: str) -> bool:
        """Whether the shelf holds orders of `temp`."""
        return self.holds == "any" or temp in self.holds

    def modifier_of(self, temp: str) -> float:
        """How fast food of `temp` ages on the shelf; 1 for a temp missing from the table."""
        return self.modifier.get(temp, 1.0) if isinstance(self.modifier, dict) else self.modifier
