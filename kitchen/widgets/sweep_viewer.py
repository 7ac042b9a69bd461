"""Sweep viewer widget: lines or heat maps of any two parameters of a sweep."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape

import ipywidgets as widgets
import pandas as pd
from matplotlib.figure import Figure

from kitchen import plots
from kitchen.errors import KitchenError, shown
from kitchen.model.measures import DIFFERENCE, MEAN, primary_in
from kitchen.plots.axes import png
from kitchen.plots.browser.sweep_best import BestMap, best_map
from kitchen.plots.browser.sweeps import HeatMap, LinePlot, heat_map, line_plot
from kitchen.plots.style import DPI, in_style
from kitchen.stats.intervals import in_order, need
from kitchen.sweeps.sweep import Sweep
from kitchen.utils.formatting import plains
from kitchen.widgets.answer import Answer, values_of
from kitchen.widgets.app import STYLE, App
from kitchen.widgets.static_files import style_element

INCHES = (7.2, 5.0)
"""Width and height of the picture on pages without a kernel, inches."""

MOST_TAB_STOPS = 200
"""Largest number of hover boxes of such a picture that the tab key visits."""

MOST_ROWS = 200
"""Largest number of rows of the table below the picture."""

KINDS = ("lines", "heat map")
NOBODY, NOTHING = "nobody", "nothing"

BEST = "the best of each cell"
"""What the list of strategies says where the map shows who does best."""

CLICK = "<p>Click a cell of a map to open it in the comparison.</p>"
"""What is said below the picture where a click opens a point."""

HOVER_STYLE = style_element("sweep_viewer.css")


class SweepViewer(App):
    """Widget that shows a sweep as lines or a heat map, with figures on hover or click.

    Parameters
    ----------
    sweep : Sweep or DataFrame
        A sweep, or a frame like `Sweep.frame`.
    open_point : callable, optional
        Called with a mapping of paths to values when a cell of the map is clicked.

    Attributes
    ----------
    controls : dict of str to Dropdown
        ``kind, x, second, measure, strategy, against``, and ``"at " + path`` for each parameter:
        its value while it is on no axis.
    frame : DataFrame
        Rows that are shown.
    picture : Answer
        The picture, drawn in the browser; arrow keys go from figure to figure.
    figures : ipywidgets.HTML
        The figures of the rows, as a table, shares in percent.

    Raises
    ------
    KitchenError
        If it is no sweep, or a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> result = kt.sweep(rush, {"arrivals.rate": [8, 12]}, ["random", "oldest"], replications=5)
    >>> viewer = SweepViewer(result)
    >>> viewer.controls["x"].value, len(viewer.frame)
    ('arrivals.rate', 4)
    """

    def __init__(
        self,
        sweep: Sweep | pd.DataFrame,
        open_point: Callable[[dict[str, object]], object] | None = None,
    ):
        super().__init__()
        whole = sweep.frame if isinstance(sweep, Sweep) else sweep
        if not isinstance(whole, pd.DataFrame):
            raise KitchenError(
                f"sweep: must be a Sweep or its frame, got {shown(sweep)}. Make one with sweep()."
            )
        need(whole, ["strategy", "measure", *MEAN, "baseline", *DIFFERENCE], "sweep")
        self._whole = whole
        self._parameters = plots.parameters(whole)
        self.frame = whole.iloc[:0]
        self.picture = Answer(layout=widgets.Layout(max_width="1000px", min_height="470px"))
        self.figures = widgets.HTML()
        self.controls = self._controls()
        self.picture.watch_controls(self.controls.values())
        self._plotted: HeatMap | BestMap | LinePlot | None = None
        self._open_point = open_point
        self.picture.on_choice(lambda nth: self._guarded(lambda: self._open(nth))())
        for control in self.controls.values():
            self.when(control, self._follow)
        first = [self.controls[key] for key in ("kind", "x", "second")]
        then = [self.controls[key] for key in ("measure", "strategy", "against")]
        held = [self.controls[f"at {path}"] for path in self._parameters]
        rows = [self._row(controls) for controls in (first, then, held)]
        told = [] if open_point is None else [widgets.HTML(CLICK)]
        self.show(*rows, self.alert, self.picture, *told, self.figures, style=HOVER_STYLE)
        self._guarded(self._follow)()

    def still(self) -> str:
        """Static HTML of the picture, its hover boxes and the figures."""
        parts = (self.alert.value, self._printed(), self.figures.value)
        return f'{STYLE}{HOVER_STYLE}<div class="kt-app">{"".join(parts)}</div>'

    # Controls

    def _controls(self) -> dict[str, widgets.Dropdown]:
        paths, names = self._parameters, list(in_order(self._whole["strategy"]).categories)
        measures = list(in_order(self._whole["measure"]).categories)
        first = primary_in(self._whole)
        first = first if first in measures else None
        labels = [plots.measure_named(name).label for name in measures]
        several = len(paths) > 1
        made = {
            "kind": _dropdown("show as", KINDS[: 1 + several], value=KINDS[several]),
            "x": _dropdown("across", _named(paths)),
            "second": _dropdown(
                "and", [], tooltip="the other axis, or a line for each of its values"
            ),
            "measure": _dropdown("measure", zip(labels, measures, strict=True), value=first),
            "strategy": _dropdown("strategy", _named(names)),
            "against": _dropdown("against", []),
        }
        for path, label in zip(paths, plains(paths, 40), strict=True):
            values = plots.values_of(self._whole[path])
            options = zip(plots.value_texts(values), values.tolist(), strict=True)
            made[f"at {path}"] = _dropdown(label, options, wide=True)
        return made

    @staticmethod
    def _row(controls: list) -> widgets.Box:
        return widgets.Box(controls, layout=widgets.Layout(flex_flow="row wrap"))

    def _follow(self) -> None:
        """Bring controls, picture and figures up to date with the controls."""
        with self.quietly():
            self._offer()
        self.frame = self._rows()
        self.figures.value = _table(self.frame)
        of, self._plotted = values_of(self.controls.values()), None
        words = self._nothing()
        if words:
            self.picture.show({"kind": "words", "text": words}, of)
            return
        try:
            self._plotted = self._plot()
            self.picture.show(self._plotted.as_data(), of)
        except Exception:
            self.picture.show({"kind": "words", "text": ""}, of)  # no picture of something else
            raise

    def _offer(self) -> None:
        """Update the options that depend on other controls."""
        control = self.controls
        x, is_map = control["x"].value, control["kind"].value == KINDS[1]
        others = [path for path in self._parameters if path != x]
        more = [] if is_map else [(NOTHING, "")]
        _choose_from(control["second"], [*more, *_named(others)])
        second = control["second"].value or None
        baseline = self._baseline
        per_strategy = not is_map and second is None
        whose = control["strategy"].value
        against = [baseline]
        if not per_strategy and whose == baseline:
            names = in_order(self._whole["strategy"]).categories
            against = [name for name in names if name != baseline] if is_map else []
        _choose_from(
            control["against"], [(NOBODY, ""), *_named([name for name in against if name])]
        )
        names = list(in_order(self._whole["strategy"]).categories)
        best = [(BEST, "")] if is_map and len(names) > 1 else []
        _choose_from(control["strategy"], [*best, *_named(names)])
        control["strategy"].disabled = per_strategy
        control["against"].disabled = is_map and not control["strategy"].value
        for path in self._parameters:
            control[f"at {path}"].disabled = path in (x, second)

    @property
    def _baseline(self) -> str | None:
        return str(self._whole["baseline"].iloc[0]) if len(self._whole) else None

    # Picture and figures

    def _rows(self) -> pd.DataFrame:
        """Rows selected by the controls."""
        control, whole = self.controls, self._whole
        keep = (whole["measure"] == control["measure"].value).to_numpy()
        x, second = control["x"].value, control["second"].value
        for path in self._parameters:
            if path not in (x, second):
                keep = keep & (whole[path] == control[f"at {path}"].value).to_numpy()
        if not control["strategy"].disabled and control["strategy"].value and self._parameters:
            shown_ = [control["strategy"].value]
            if control["kind"].value == KINDS[1] and control["strategy"].value == self._baseline:
                shown_.append(control["against"].value)
            keep = keep & whole["strategy"].isin([name for name in shown_ if name]).to_numpy()
        return whole[keep]

    def _nothing(self) -> str:
        """Why there is nothing to draw, if so."""
        if not len(self._whole):
            return "The sweep has no rows."
        if not self._parameters:
            return "Nothing varies in this sweep. Its figures are below."
        return "" if len(self.frame) else "The sweep has no such point. Choose other values."

    def _chosen(self) -> tuple[str, str | None, str, str | None]:
        """First and second parameter, measure, and the strategy to compare with."""
        keys = ("x", "second", "measure", "against")
        x, second, measure, against = (self.controls[key].value for key in keys)
        return x, second or None, measure, against or None

    def _plot(self) -> HeatMap | BestMap | LinePlot:
        """What the picture shows."""
        x, second, measure, against = self._chosen()
        if self.controls["kind"].value == KINDS[1]:
            strategy = self.controls["strategy"].value
            if not strategy:
                return best_map(self.frame, x, second, measure)
            return heat_map(self.frame, x, second, measure, strategy, against)
        return line_plot(self.frame, x, second, measure, paired=against is not None)

    def _open(self, nth: int) -> None:
        """Hand on the point of a cell, with what all other parameters are held at."""
        x, second, *_ = self._chosen()
        plot = self._plotted
        if self._open_point is None or not isinstance(plot, HeatMap | BestMap):
            return
        cells = list(plot.hover)
        if not 0 <= nth < len(cells):
            return
        line, column = cells[nth]
        held = {path: self.controls[f"at {path}"].value for path in self._parameters}
        self._open_point({**held, x: plot.columns[column], second: plot.lines[line]})

    def _printed(self) -> str:
        """HTML of the picture as matplotlib draws it, with hover boxes; or why there is none."""
        if self.faults:
            return _framed("")
        if words := self._nothing():
            return _framed(f"<p>{words}</p>")
        ax = _axes()
        x, second, measure, against = self._chosen()
        if self.controls["kind"].value == KINDS[1]:
            strategy = self.controls["strategy"].value
            if strategy:
                plots.sweep_map(self.frame, x, second, measure, strategy, against, ax)
            else:
                plots.sweep_best(self.frame, x, second, measure, ax)
        else:
            plots.sweep_lines(self.frame, x, second, measure, ax, paired=against is not None)
        boxes = plots.hover_boxes(ax)
        ax.figure.set_layout_engine("none")  # the layout is done, and takes half of the time
        picture = base64.b64encode(png(ax.figure)).decode()
        stop = 0 if len(boxes) <= MOST_TAB_STOPS else -1
        title = escape(ax.get_title(loc="left"))
        return _framed(
            f'<img src="data:image/png;base64,{picture}" decoding="sync" alt="{title}">'
            + "".join(_hover_box(box, stop) for box in boxes)
        )


def _axes():
    """Axes of a figure of fixed size, which a legend does not enlarge."""
    with in_style():
        return Figure(figsize=INCHES, dpi=DPI, layout="constrained").subplots()


def _framed(inside: str) -> str:
    return f'<div class="kt-hover">{inside}</div>'


def _hover_box(box: plots.HoverBox, stop: int) -> str:
    """HTML of a box that shows its text on hover or click, on the side that has room."""
    sides = zip(("left", "top", "width", "height"), box[:4], strict=True)
    style = "".join(f"{key}:{100 * part:.3f}%;" for key, part in sides)
    across = "right" if box.left + box.width / 2 < 0.5 else "left"
    up = "low" if box.top + box.height / 2 < 0.5 else "high"
    up = "in" if box.height > 0.5 else up
    return (
        f'<i tabindex="{stop}" style="{style}">'
        f'<b class="kt-{up} kt-{across}">{escape(box.text)}</b></i>'
    )


def _table(frame: pd.DataFrame) -> str:
    """HTML table of the figures; shares and their differences in percent."""
    keys = [*plots.parameters(frame), "strategy"]
    figures = [column for column in (*MEAN, *DIFFERENCE) if column in frame]
    some = frame.head(MOST_ROWS)[[*keys, *figures]]
    if len(some) and plots.measure_named(str(frame["measure"].iloc[0])).is_share:
        some = some.assign(**{name: 100 * some[name] for name in figures})
        some = some.rename(columns={name: f"{name}, %" for name in figures})
    html = some.to_html(index=False, border=0, float_format=lambda v: f"{v:.6g}", na_rep="")
    more = len(frame) - len(some)
    rest = f"<p>and {more:,} rows more, in .frame</p>" if more else ""
    return f'<div class="kt-figures" tabindex="0" role="region" aria-label="figures">{html}{rest}</div>'


def _named(names) -> list[tuple[str, str]]:
    """Options with short and distinct labels."""
    names = list(names)
    return list(zip(plains(names, 40), names, strict=True))


def _dropdown(label: str, options, value=None, wide: bool = False, **more) -> widgets.Dropdown:
    options = list(options)
    layout = widgets.Layout(width="390px" if wide else "258px")
    style = {"description_width": "230px" if wide else "62px"}
    if value is not None:
        more["value"] = value
    return widgets.Dropdown(options=options, description=label, layout=layout, style=style, **more)


def _choose_from(control: widgets.Dropdown, options: list[tuple]) -> None:
    """Replace the options of a control; its value stays if it is among them."""
    if list(control.options) == options:
        return
    before = control.value
    control.options = options
    values = [value for _, value in options]
    control.value = before if before in values else (values[0] if values else None)
