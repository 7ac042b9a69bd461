"""What others set in an explorer: further strategies and scenarios, and a state as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, shown
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.widgets.app import ticks_of
from kitchen.widgets.explorer_controls import move

SINGLE = ("scenario", "today", "measure", "view", "seed", "replications", "settings")
"""Controls that every scenario has and that belong to the state."""

MOST_OWN = 12
"""Largest number of strategies of one's own on a page, and in its address."""


class Steered:
    """The part of the explorer that other widgets and the page's address use.

    Attributes
    ----------
    added : dict of str to Strategy
        Strategies that were offered later.
    traces : dict of str to Trace
        Evenings to replay, by the name of their scenario.
    opened : dict
        Values of the controls as the explorer opened, for what differs from them.
    """

    def note_opened(self) -> None:
        """Remember the values of the controls as those that the explorer opens with."""
        self.added: dict[str, Strategy] = {}
        self.opened: dict[str, Any] = {name: str(self.controls[name].value) for name in SINGLE}
        self.opened["strategy"] = self.ticked_names

    @property
    def ticked_names(self) -> list[str]:
        """Names of the strategies whose boxes are ticked."""
        return [name for name, tick in self.ticks.items() if tick.value]

    def offer(self, strategy: Strategy, ticked: bool = True) -> None:
        """Offer one more strategy, at the top of the list; one that is there is ticked.

        Raises
        ------
        KitchenError
            If another one has its name, or many were offered before.
        """
        there = self._offered.get(strategy.name)
        if there is None and len(self.added) == MOST_OWN:
            raise KitchenError(
                f"{MOST_OWN} strategies of your own are there, which is as many as a page takes."
            )
        if there and strategy.name not in self.added and there.describe() != strategy.describe():
            raise KitchenError(
                f"a strategy {shown(strategy.name)} is there already. Give it a name of its own."
            )
        if there is None or strategy.name in self.added:
            self.added[strategy.name] = self._offered[strategy.name] = strategy
        if there is None:
            tick = ticks_of({strategy.name: strategy}, shipped=False)[strategy.name]
            tick.value = False
            self.ticks[strategy.name] = tick
            self.when(tick, self._changed)
            self.tick_list.children = (tick, *self.tick_list.children)
            self.controls["today"].options = [*self.controls["today"].options, strategy.name]
            for answer in (self.picture, self.verdict, self.files):
                answer.watch_controls(self._watched())
            self.more.watch_controls([*self._watched(), self.controls["view"]])
        with self.quietly():
            self.ticks[strategy.name].value = ticked

    def add(self, strategy: Strategy) -> None:
        """Offer one more strategy, and compare it."""
        self.offer(strategy)
        self._changed()

    def offer_world(self, scenario: Scenario, trace: Trace | None = None) -> None:
        """Offer one more scenario and choose it; with a trace, its evenings are replayed."""
        name = scenario.name
        while name in self._worlds and name not in self.uploaded:
            name += " (yours)"
        self.uploaded.add(name)
        self._worlds[name] = scenario
        self.traces.pop(name, None)
        if trace is not None:
            self.traces[name] = trace
        control = self.controls["scenario"]
        with self.quietly():
            control.options = list(self._worlds)
            control.value = name
        self._other_world()

    def take_state(
        self,
        world: str,
        own: list[Strategy],
        ticked: list[str] | None,
        values: Mapping[str, Any],
        settings: str = "",
    ) -> None:
        """Set all controls at once; what is given was checked before.

        Parameters
        ----------
        world : str
            Name of a scenario on offer.
        own : list of Strategy
            Strategies to offer besides.
        ticked : list of str or None
            Names of those to compare; None leaves the boxes.
        values : mapping
            Values of controls by their name.
        settings : str
            What is typed in "more settings".
        """
        for strategy in own:
            self.offer(strategy)
        with self.quietly():
            self.controls["scenario"].value = world
        self._other_world()
        with self.quietly():
            for name, tick in self.ticks.items():
                if ticked is not None:
                    tick.value = name in ticked
            knobs = {knob.paths[0] for knob in self._knobs}
            for name, value in values.items():
                if name in knobs:
                    move(self.controls[name], value, is_slider=True)
                else:
                    self.controls[name].value = value
            self.controls["settings"].value = settings
        self._moved("settings")
