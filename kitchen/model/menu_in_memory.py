"""A menu that a scenario holds itself, in place of the name of a file."""

from __future__ import annotations

from functools import cached_property

from kitchen.errors import shown
from kitchen.model.menu import Menu


class MenuInMemory:
    """A menu as a value of a scenario's key: equal by content, and short where it is written.

    Pydantic would dump a `Menu` as a table of its columns; this it leaves as it is.

    Examples
    --------
    >>> from kitchen.model.menu import read_orders, shipped_menu_path
    >>> MenuInMemory(read_orders(shipped_menu_path()))
    menu of 132 orders, 3162d714
    """

    def __init__(self, menu: Menu):
        self.menu = menu

    @cached_property
    def digest(self) -> str:
        """Digest of the menu's content, in hexadecimal digits."""
        return self.menu.digest()

    def __repr__(self):
        return f"menu of {len(self.menu):,} orders, {self.digest[:8]}"

    def __eq__(self, other):
        return isinstance(other, MenuInMemory) and self.digest == other.digest

    def __hash__(self):
        return hash(self.digest)


def valid_menu(value) -> MenuInMemory | None:
    """Validate `orders.menu`: a menu, or nothing.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if value is None or isinstance(value, MenuInMemory):
        return value
    if isinstance(value, Menu):
        return MenuInMemory(value)
    raise ValueError(
        f"must be a kt.Menu, which a script gives, got {shown(value)}; a file's name goes into "
        "orders.file"
    )
