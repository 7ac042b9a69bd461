"""Figures of sweeps: lines over one parameter, heat maps over two."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, Normalize, to_hex
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter

from kitchen.errors import KitchenError, unknown
from kitchen.model.measures import DIFFERENCE, MEAN, Measure, measure_named, primary_in, unit_of
from kitchen.plots.axes import canvas, every, label_lines, legend_below, note, percent, size_in
from kitchen.plots.style import GREY, INK, PALE, looks, styled
from kitchen.plots.sweep_hover import add_hover_box, hover_text
from kitchen.simulation.metrics import in_order, need
from kitchen.stats.intervals import widened
from kitchen.utils.formatting import _value_text, plain, plains, signed, value_texts


@styled
def sweep_lines(
    frame: pd.DataFrame,
    x: str,
    by: str | None = None,
    measure: str | None = None,
    ax: Axes | None = None,
    *,
    paired: bool = False,
) -> Axes:
    """Line chart of a measure over one parameter of a sweep, with 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame`, or those of its rows that have one value of every parameter but `x` and `by`.
    x : str
        The parameter on the x axis. Numbers are drawn as lines with bands, words as dots.
    by : str, optional
        A parameter with one line per value, for one strategy. If left out, there is one line per
        strategy.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional
    paired : bool
        Draw the differences to the baseline, whose intervals are narrower, instead of the means.

    Raises
    ------
    KitchenError
        If there is no such parameter, or if another one still has several values.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> design = {"arrivals.rate": [8, 12], "shelves.overflow.capacity": [10, 15]}
    >>> result = kt.sweep(rush, design, ["random", "oldest"], replications=3)
    >>> rows = result.frame[result.frame["shelves.overflow.capacity"] == 15]
    >>> kt.plots.sweep_lines(rows, "arrivals.rate").get_xlabel()
    'arrivals.rate (orders per second)'
    """
    middle, low, _ = DIFFERENCE if paired else MEAN
    quantity, rows = _fixed(frame, "sweep_lines", measure, [x] if by is None else [x, by], paired)
    one = by is not None or rows["strategy"].nunique() == 1
    if by is not None:
        _one_strategy(rows, "sweep_lines")
    ax = canvas(ax, 3.8)
    ax.set_xlabel(f"{plain(x, 40)} ({unit_of(x)})")
    if not rows[middle].notna().any():
        return note(ax, "no orders to show")
    key = "strategy" if by is None else by
    _refuse_twice(rows, [x, key], "sweep_lines")
    values, at = _scale(rows[x])
    over = " (95 % intervals)" if rows[low].notna().any() else ""
    ax.set_title(_headed(quantity, rows, [x, by], one, _against(rows) if paired else None, over))
    ax.set_ylabel(_differs(quantity) if paired else f"{quantity.title}\n({quantity.unit})")
    if quantity.is_share:
        percent(ax.yaxis)
    if paired:
        ax.yaxis.set_major_formatter(_signed_ticks(quantity))
        ax.axhline(0.0, color=INK, linewidth=1)
    groups = _lines_of(rows.assign(at=at), key)
    dots = not pd.api.types.is_numeric_dtype(values) or len(values) == 1
    _draw_lines(ax, groups, DIFFERENCE if paired else MEAN, dots, key if by else None)
    if dots:
        _name_places(ax.xaxis, values, size_in(ax)[0])
        ax.set_xlim(-0.5, len(values) - 0.5)
    places = np.arange(len(values)) if dots else values.to_numpy(float)
    edges = [ax.get_xlim()[0], *(places[1:] + places[:-1]) / 2, ax.get_xlim()[1]]
    for nth, value in enumerate(values):
        own = rows[at == (nth if dots else value)].to_dict("records")
        text = hover_text(quantity, own, x, by, paired)
        add_hover_box(ax, (edges[nth], 0.0, edges[nth + 1], 1.0), text, ax.get_xaxis_transform())
    return ax


@styled
def sweep_map(
    frame: pd.DataFrame,
    x: str,
    y: str,
    measure: str | None = None,
    strategy: str | None = None,
    against: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Heat map of a measure over two parameters of a sweep, one cell per pair of values.

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame`, or those of its rows that have one value of every parameter but `x` and `y`.
    x, y : str
        Parameters. Cells are of one size, however far apart the values are.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    strategy : str, optional
        The strategy that is shown; the first other than `against` if left out.
    against : str, optional
        Draw the differences to this strategy instead, blue where `strategy` is the better one:
        a map of where the two break even. Cells are dotted where the interval covers 0; those of
        all cells hold together (Bonferroni), so that where two strategies are equal no cell is
        without dots in 95 % of maps. One of the two must be the baseline of the sweep.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If there is no such parameter or strategy, if another parameter still has several values,
        or if the frame has no intervals of the difference.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> design = {"arrivals.rate": [8, 12], "shelves.overflow.capacity": [10, 15]}
    >>> result = kt.sweep(rush, design, ["random", "oldest"], replications=3)
    >>> kt.plots.sweep_map(result.frame, "arrivals.rate", "shelves.overflow.capacity").get_ylabel()
    'shelves.overflow.capacity (slots)'
    """
    quantity, rows = _fixed(frame, "sweep_map", measure, [x, y], against is not None)
    rows = _of_strategy(rows, strategy, against)
    _refuse_twice(rows, [x, y], "sweep_map")
    columns, across = _scale(rows[x], even=True)
    lines, up = _scale(rows[y], even=True)
    ax = canvas(ax, float(np.clip(1.7 + 0.3 * len(lines), 2.7, 7.0)))
    ax.set_xlabel(f"{plain(x, 40)} ({unit_of(x)})")
    ax.set_ylabel(f"{plain(y, 40)} ({unit_of(y)})")
    middle, low, high = MEAN if against is None else DIFFERENCE
    if not rows[middle].notna().any():
        return note(ax, "no orders to show")
    ax.set_title(_headed(quantity, rows, [x, y], True, against))
    figures = np.full((3, len(lines), len(columns)), np.nan)
    figures[:, up, across] = rows[[middle, low, high]].to_numpy(float).T
    cells = np.isfinite(figures[0])
    sure = np.zeros(cells.shape, bool)
    if against is not None:
        number = rows["replications"].to_numpy(float)
        ends = widened(*rows[[middle, low, high]].to_numpy(float).T, number, int(cells.sum()))
        sure[up, across] = (ends[0] > 0) | (ends[1] < 0)
    marked = {"no significant difference": ("..", GREY)} if against is not None else {}
    marked["no figures"] = ("////", PALE)
    where = {"no significant difference": cells & ~sure, "no figures": ~cells}
    shade = _shades(ax, figures[0], quantity, against is not None)
    shade.axes.grid(False)
    ax.tick_params(length=0)
    _name_places(ax.xaxis, columns, size_in(ax)[0])
    _name_places(ax.yaxis, lines, size_in(ax)[1])
    used = {name: kind for name, kind in marked.items() if where[name].any()}
    for name, (hatch, colour) in used.items():
        _hatch(ax, where[name], hatch, colour)
    _write_cells(ax, figures[0], shade, quantity, against is not None)
    patches = [
        Patch(facecolor="white", edgecolor=c, hatch=h, linewidth=0) for h, c in used.values()
    ]
    legend_below(ax, patches, used)
    bar = ax.figure.colorbar(shade, ax=ax, pad=0.02, aspect=24)
    bar.set_label(
        _differs(quantity) if against is not None else f"{quantity.title}\n({quantity.unit})"
    )
    bar.outline.set_visible(False)
    if against is not None:
        bar.ax.yaxis.set_major_formatter(_signed_ticks(quantity))
    elif quantity.is_share:
        percent(bar.ax.yaxis)
    for row, column_, line in zip(rows.to_dict("records"), across, up, strict=True):
        text = hover_text(quantity, [row], x, y, against is not None, against)
        add_hover_box(
            ax, (column_ - 0.5, line - 0.5, column_ + 0.5, line + 0.5), text, ax.transData
        )
    return ax


BEST, WORST = "#0b5c96", "#b04a00"
"""Ends of the colour scale of a difference: blue for better, brown for worse."""

_DIVERGING = LinearSegmentedColormap.from_list(
    "break even", [BEST, "#7db4d8", "#f7f7f7", "#eda779", WORST]
)

MOST_LABELLED = 6
"""Largest number of lines with labels beside them; more have a legend or a colour bar."""


def parameters(frame: pd.DataFrame) -> list[str]:
    """Columns of a sweep's frame that hold the varied parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> parameters(pd.DataFrame(columns=["arrivals.rate", "strategy", "measure", "mean"]))
    ['arrivals.rate']
    """
    known = {"point", "strategy", "measure", "baseline", "replications", *MEAN, *DIFFERENCE}
    return [column for column in frame.columns if column not in known]


def _fixed(
    frame, what: str, measure: str | None, free: list[str], differences: bool
) -> tuple[Measure, pd.DataFrame]:
    """A measure and its rows; refused where a parameter other than the `free` ones still varies."""
    more = ("baseline", "replications", *DIFFERENCE) if differences else ()
    need(frame, ["strategy", "measure", *MEAN, *more], what)
    measure = primary_in(frame) if measure is None else measure
    quantity = measure_named(measure)
    there = parameters(frame)
    for name in free:
        if name not in there:
            raise KitchenError(f"{what}: {unknown('parameter', name, there)}")
    if len(set(free)) < len(free):
        raise KitchenError(f"{what}: {free[0]!r} is named twice. Name two parameters.")
    rows = frame[frame["measure"] == measure]
    for name in there:
        values = _scale(rows[name])[0] if name not in free else ()
        if len(values) > 1:
            some = ", ".join(map(_value_text, values[:5])) + (", ..." if len(values) > 5 else "")
            first = values.iloc[0]
            first = repr(first.item() if isinstance(first, np.generic) else first)
            raise KitchenError(
                f"{what}: {name!r} still has {len(values)} values ({some}). Choose one: "
                f"frame[frame[{name!r}] == {first}]."
            )
    return quantity, rows


def _one_strategy(rows: pd.DataFrame, what: str) -> None:
    names = list(in_order(rows["strategy"]).categories)
    if len(names) > 1:
        raise KitchenError(
            f"{what}: there are {len(names)} strategies ({', '.join(plains(names[:5], 30))}), and "
            f"by= shows one. Choose one: frame[frame['strategy'] == {names[0]!r}]."
        )


def _refuse_twice(rows: pd.DataFrame, keys: list[str], what: str) -> None:
    """Refuse two rows for one place of a picture, as when frames were put together."""
    twice = rows.duplicated(keys)
    if twice.any():
        row = rows[twice].iloc[0]
        place = ", ".join(f"{key} = {_value_text(row[key])}" for key in keys)
        raise KitchenError(f"{what}: there is more than one row for {place}. Leave one out.")


def _scale(values: pd.Series, even: bool = False) -> tuple[pd.Series, np.ndarray]:
    """Distinct values in order, and the position of each row: its number, or its index."""
    if pd.api.types.is_numeric_dtype(values):
        distinct = pd.Series(np.sort(values.dropna().unique()))
        if not even and len(distinct) > 1:
            return distinct, values.to_numpy(float)
        return distinct, distinct.searchsorted(values)
    words = in_order(values)
    return pd.Series(words.categories, dtype=object), np.asarray(words.codes)


def _of_strategy(rows: pd.DataFrame, strategy: str | None, against: str | None) -> pd.DataFrame:
    """The rows of a strategy; with `against`, its differences to that one."""
    names = list(in_order(rows["strategy"]).categories)
    if not names:
        return rows
    baseline = _against(rows) if against is not None else ""
    for name, there in ((strategy, names), (against, [*names, baseline])):
        if name is not None and name not in there:
            raise KitchenError(f"sweep_map: {unknown('strategy', name, names)}")
    if strategy is None:
        strategy = next((name for name in names if name != against), None)
    if strategy is None or against is None:
        return rows[rows["strategy"] == (against if strategy is None else strategy)]
    if strategy == against:
        raise KitchenError(f"sweep_map: {strategy!r} against itself has no difference.")
    if against == baseline:
        return rows[rows["strategy"] == strategy]
    if strategy != baseline:
        raise KitchenError(
            f"sweep_map: the frame has differences to {baseline!r} only. Sweep with {against!r} as "
            "the first strategy."
        )
    turned = rows[rows["strategy"] == against]
    middle, low, high = (-turned[column] for column in DIFFERENCE)
    turned = turned.assign(**dict(zip(DIFFERENCE, (middle, high, low), strict=True)))
    own = rows[rows["strategy"] == strategy]
    return own.drop(columns=[*DIFFERENCE]).merge(
        turned[[*parameters(rows), *DIFFERENCE]], on=parameters(rows), how="left"
    )


def _against(rows: pd.DataFrame) -> str:
    return str(rows["baseline"].iloc[0]) if len(rows) else ""


def _headed(quantity: Measure, rows, free, one: bool, against: str | None, over: str = "") -> str:
    """Title: the measure, the strategies and the values of the fixed parameters."""
    who = f": {plain(rows['strategy'].iloc[0], 34)}" if one else ""
    if against is not None:
        who += f" minus {plain(against, 34)}" if one else f", difference to {plain(against, 34)}"
    fixed = [name for name in parameters(rows) if name not in free]
    values = [f"{plain(name, 34)} = {_value_text(rows[name].iloc[0])}" for name in fixed]
    at = "\nat " + ", ".join(values[:3]) if values else ""
    return f"{quantity.title.capitalize()}{who}{over}{at}"


def _differs(quantity: Measure) -> str:
    unit = "percentage points" if quantity.is_share else quantity.unit
    return f"difference in {quantity.title}\n({unit}); {quantity.better}"


def _signed_ticks(quantity: Measure) -> FuncFormatter:
    return FuncFormatter(lambda v, _: signed(100 * v if quantity.is_share else v))


def values_of(column: pd.Series) -> pd.Series:
    """Distinct values of a parameter: numbers by size, words in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> values_of(pd.Series([20, 5, 20])).tolist()
    [5, 20]
    """
    return _scale(column, even=True)[0]


def _lines_of(rows: pd.DataFrame, key: str) -> dict:
    """Rows of each line, by rising position; all strategies keep their looks."""
    values, codes = _scale(rows[key], even=True)
    return {
        value: rows[codes == nth].sort_values("at", kind="stable")
        for nth, value in enumerate(values)
    }


def _draw_lines(ax: Axes, groups: dict, columns, dots: bool, by: str | None) -> None:
    """Draw lines with bands, or dots with whiskers side by side, and label them."""
    middle, low, high = columns
    names = (
        {value: f"{by.rsplit('.', 1)[-1]} {_value_text(value)}" for value in groups} if by else {}
    )
    names = names or {value: str(value) for value in groups}
    first = next(iter(groups.values()))
    look = looks(every(first["strategy"]) if not by else names.values())
    look = {value: look[names[value]] for value in groups}
    ordered = by is not None and not isinstance(next(iter(groups)), str)
    if ordered and len(groups) > 1:
        shades = colormaps["viridis"](np.linspace(0.0, 0.88, len(groups)))
        shades = dict(zip(groups, map(to_hex, shades), strict=True))
        look = {value: kind._replace(colour=shades[value]) for value, kind in look.items()}
    many = len(groups) > MOST_LABELLED
    lines, drawn = [], {}
    for nth, (value, own) in enumerate(groups.items()):
        kind, at = look[value], own["at"].to_numpy(float)
        style = {"color": kind.colour, "marker": kind.marker, "markersize": 4.5}
        if dots:
            at = at + ((nth + 0.5) / len(groups) - 0.5) * min(0.6, 0.12 * len(groups))
            good = own[low].notna().to_numpy()
            ax.vlines(at[good], own[low][good], own[high][good], color=kind.colour, linewidth=1.6)
            lines += ax.plot(at, own[middle], linestyle="", **style)
        else:
            dash = "-" if ordered and many else kind.dash
            if ordered and many:
                style["markersize"] = 2.5
            lines += ax.plot(at, own[middle], linestyle=dash, **style)
            ax.fill_between(
                at, own[low], own[high], color=kind.colour, alpha=0.06 if many else 0.2, linewidth=0
            )
            there = own[middle].notna().to_numpy()
            if there.any():
                drawn[names[value]] = (at[there], own[middle].to_numpy(float)[there])
    dark = {names[value]: kind.dark for value, kind in look.items()}
    if ordered and len(groups) > 2 * MOST_LABELLED:
        numbers = [float(value) for value in groups]
        scale = ScalarMappable(Normalize(numbers[0], numbers[-1]), _VIRIDIS)
        ax.figure.colorbar(scale, ax=ax, pad=0.02, aspect=24, label=f"{plain(by)} ({unit_of(by)})")
    elif dots or many or not label_lines(ax, drawn, dark):
        legend_below(ax, lines, names.values())


_VIRIDIS = ListedColormap(colormaps["viridis"](np.linspace(0.0, 0.88, 256)))
"""Viridis without its yellow end, which is hard to see on white."""


def _name_places(axis, values: pd.Series, inches: float) -> None:
    """Label the positions 0, 1, ... of an axis with their values, as many as fit."""
    texts = value_texts(values)
    flat = axis.axis_name == "y"
    need_ = 0.17 if flat else 0.072 * max(map(len, texts)) + 0.12
    words = not pd.api.types.is_numeric_dtype(values)
    lean = words and not flat and need_ * len(texts) > inches
    step = max(1, int(np.ceil(len(texts) * (0.2 if lean else need_) / inches)))
    axis.set_ticks(range(0, len(texts), step), texts[::step], parse_math=False)
    if lean:
        for label in axis.get_ticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")


def _shades(ax: Axes, figures: np.ndarray, quantity: Measure, diverging: bool):
    """Draw the cells in colour; those without figures stay blank."""
    shown = figures[np.isfinite(figures)]
    if diverging:
        most = float(np.abs(shown).max()) or (0.001 if quantity.is_share else 1.0)
        colours, limits = _DIVERGING, (-most, most)
        colours = colours.reversed() if quantity.more_is_better else colours
    else:
        low, high = float(shown.min()), float(shown.max())
        pad = 0.0 if high > low else 0.1 * abs(high) or 0.01
        colours, limits = colormaps["viridis_r"], (low - pad, high + pad)
    return ax.imshow(
        np.ma.masked_invalid(figures),
        colours,
        vmin=limits[0],
        vmax=limits[1],
        aspect="auto",
        origin="lower",
        interpolation="nearest",
    )


def _hatch(ax: Axes, where: np.ndarray, hatch: str, colour: str) -> None:
    cells = [Rectangle((column_ - 0.5, line - 0.5), 1, 1) for line, column_ in np.argwhere(where)]
    ax.add_collection(
        PatchCollection(cells, facecolor="none", edgecolor=colour, hatch=hatch, linewidth=0)
    )


def _write_cells(ax: Axes, figures: np.ndarray, shade, quantity: Measure, diverging: bool) -> None:
    """Write the figures into the cells, with as many decimals as fit."""
    wide, tall = 72 * size_in(ax) / np.array(figures.shape[::-1]) * (0.88, 0.95)  # points a cell
    cells = [tuple(cell) for cell in np.argwhere(np.isfinite(figures))]
    scale = quantity.scale
    for decimals, size in ((2, 8.5), (2, 7.0), (1, 7.0), (0, 6.5)):
        write = (
            (lambda v, d=decimals: signed(v, d))
            if diverging
            else (lambda v, d=decimals: f"{v:.{d}f}")
        )
        texts = [write(scale * figures[cell]) for cell in cells]
        if max(map(len, texts)) * 0.66 * size < wide and 1.5 * size < tall:
            break
    else:
        return
    if not decimals and len(set(texts)) < 3 <= len(np.unique(figures[np.isfinite(figures)])):
        return  # all the same when rounded: the colours tell more
    for (line, column_), text in zip(cells, texts, strict=True):
        face = shade.cmap(shade.norm(figures[line, column_]))
        dark = 0.2126 * face[0] + 0.7152 * face[1] + 0.0722 * face[2] < 0.5
        ink, ground = ("white", face) if dark else (INK, face)
        ax.text(
            column_,
            line,
            text,
            ha="center",
            va="center",
            color=ink,
            fontsize=size,
            path_effects=[withStroke(linewidth=6.0, foreground=ground)],  # keeps the dots off
        )
