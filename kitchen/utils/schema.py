"""Building blocks of strict pydantic models, and validation errors in one line.

`Strict` models take exactly their keys. `explain` turns pydantic's report into one line that says
where, what was found, and what would do.
"""

from __future__ import annotations

import types
import typing
from typing import Annotated, Any, TypeVar

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from kitchen.errors import nearest, shown, unknown
from kitchen.utils.validation import is_finite, is_whole, plain_value

NonNegative = Annotated[float, AllowInfNan(False), Field(ge=0)]
Positive = Annotated[float, AllowInfNan(False), Field(gt=0)]
Share = Annotated[float, AllowInfNan(False), Field(ge=0, lt=1)]
Whole = Annotated[
    int, BeforeValidator(lambda given: int(given) if is_whole(given) else given), Field(ge=0)
]
"""A whole number of at least 0, also one that is written as 5.0."""
Count = Annotated[Whole, Field(le=2**53)]
Text = Annotated[str, Field(min_length=1)]

T = TypeVar("T")
Several = Annotated[
    tuple[T, ...], BeforeValidator(lambda given: tuple(given) if isinstance(given, list) else given)
]
"""A TOML array, kept as a tuple so that its owner stays hashable."""


class Strict(BaseModel):
    """A frozen model of exactly its keys: no unknown ones, no text where a number belongs.

    The text below an attribute is its description, which the reference of keys and the help of
    the page are made from.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given):
        """NumPy's, pandas' and decimal numbers as Python's, which pydantic's strict types want."""
        return plain_value(given) if isinstance(given, dict) else given


_WANTED = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be a text",
    "string_unicode": "must be text without halves of surrogate pairs",
    "string_too_short": "must not be empty",
    "string_too_long": "must be a shorter text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be a table of keys",
    "model_attributes_type": "must be a table of keys",
    "dict_type": "must be a table of keys",
    "missing": "is missing",
    "too_short": "must have at least one entry",
}
_BOUNDS = {
    "greater_than_equal": "of at least {ge:g}",
    "greater_than": "above {gt:g}",
    "less_than": "below {lt:g}",
    "less_than_equal": "of at most {le}",
}


def explain(error: ValidationError, model: type[BaseModel], advice: dict[str, str]) -> str:
    """What is wrong, in one line; of several things a key that there is not, else the first.

    Parameters
    ----------
    error : ValidationError
    model : type
        The model that was to be filled; its annotations tell which keys there are.
    advice : dict
        Last key of a path -> a sentence that helps with it.
    """
    errors = error.errors(include_url=False)
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    path, kind, got = _path(first["loc"], model), first["type"], first["input"]
    got = list(got) if isinstance(got, tuple) else got
    place, context = _dotted(path), first.get("ctx", {})
    if kind == "extra_forbidden":
        *parents, key = path
        inside = f"{_dotted(parents)}: " if parents else ""
        return inside + unknown("key", key, _keys(model, first["loc"][:-1]))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        key, tags = context["discriminator"].strip("'"), _tags(model, first["loc"])
        if "tag" in context:
            return f"{place}.{key}: " + unknown("name", context["tag"], tags)
        return f"{place}: needs a key {key!r}, one of: {', '.join(tags)}."
    if kind == "literal_error":
        options = [o.strip("'") for o in context["expected"].replace(" or ", ", ").split(", ")]
        return f"{place}: must be one of {', '.join(options)}, got {shown(got)}." + _hint(
            got, options
        )
    if kind == "value_error":
        return f"{place}: {context['error']}." if place else f"{context['error']}."
    if kind in _BOUNDS:
        number = "a whole number" if int in _members(_annotation(model, path)) else "a number"
        wanted = f"must be {number} {_BOUNDS[kind].format(**context)}"
    else:
        wanted = _WANTED.get(kind, first["msg"][0].lower() + first["msg"][1:])
    found = "" if kind == "missing" else f", got {shown(got)}"
    help_ = advice.get(str(path[-1]), "") if path and kind != "missing" else ""
    return f"{place}: {wanted}{found}." + (f" {help_}" if help_ else "")


def number_of(value, what: str = "a number", least: float = 0.0) -> float:
    """A finite number of at least `least`, for validators of things that may be something else.

    Raises
    ------
    ValueError
        That `what` was wanted, and what was found.
    """
    if not is_finite(value) or value < least:
        raise ValueError(f"must be {what} of at least {least:g}, got {shown(value)}")
    return float(value)


def _hint(got, options: list[str]) -> str:
    guess = nearest(got, options)
    return f" Did you mean {shown(guess)}?" if guess is not None else ""


def _path(loc: tuple, model: type) -> list:
    """A location without the tags that pydantic adds for the member of a union."""
    path, here = [], model
    for step in loc:
        tagged = [option for option in _members(here) if _tag_of(option) == step]
        if tagged and len(_members(here)) > 1:
            here = tagged[0]
            continue
        path.append(step)
        here = _inside(here, step)
    return path


def _annotation(model: type, path: list) -> Any:
    """The annotation of the key at `path`."""
    here = model
    for step in path:
        here = _inside(here, step)
    return here


def _members(annotation) -> list:
    """The options of a union, through Annotated; a list of one otherwise."""
    while typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [m for a in typing.get_args(annotation) for m in _members(a) if m is not type(None)]
    return [annotation]


def _inside(annotation, step) -> Any:
    """The annotation of one key or element of another."""
    for option in _members(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            if step in option.model_fields:
                field = option.model_fields[step]
                return (
                    Annotated[(field.annotation, *field.metadata)]
                    if field.metadata
                    else (field.annotation)
                )
        elif isinstance(step, int) and typing.get_args(option):
            return typing.get_args(option)[0]
    return Any


def _tag_of(option) -> str | None:
    """The discriminating value of a union's member."""
    if isinstance(option, type) and issubclass(option, BaseModel):
        for field in option.model_fields.values():
            if typing.get_origin(field.annotation) is typing.Literal:
                return field.default
    return None


def _keys(model: type, loc: tuple) -> list[str]:
    """The keys that the table at `loc` may have."""
    here = model
    for step in loc:
        tagged = [o for o in _members(here) if _tag_of(o) == step]
        here = tagged[0] if tagged else _inside(here, step)
    return [
        name
        for option in _members(here)
        if isinstance(option, type) and issubclass(option, BaseModel)
        for name in option.model_fields
    ]


def _tags(model: type, loc: tuple) -> list[str]:
    here = model
    for step in loc:
        here = _inside(here, step)
    return [tag for tag in map(_tag_of, _members(here)) if tag]


def _dotted(path) -> str:
    """('shelves', 3, 'capacity') as shelves[3].capacity."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
