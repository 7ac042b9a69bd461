"""Pictures of sweeps: lines over one setting, maps over two."""

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
from kitchen.model.measures import DIFFERENCE, MEAN, Measure, measure_named, unit_of
from kitchen.plots.axes import canvas, every, label_lines, legend_below, note, percent, size_in
from kitchen.plots.style import GREY, INK, PALE, looks, styled
from kitchen.plots.sweep_hover import _spot_text, keep_spot
from kitchen.simulation.metrics import in_order, need
from kitchen.utils.formatting import _value_text, plain, plains, signed, value_texts


@styled
def sweep_lines(
    frame: pd.DataFrame,
    x: str,
    by: str | None = None,
    measure: str = "lost_per_order",
    ax: Axes | None = None,
    *,
    paired: bool = False,
) -> Axes:
    """A measure over one parameter of a sweep, with 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame`, or those of its rows that have one value of every parameter but `x` and `by`.
    x : str
        The parameter along the axis. Numbers have lines with bands; words stand apart as dots.
    by : str, optional
        A parameter with a line for each of its values, for one strategy. Left out, there is a line
        for each strategy.
    measure : str
    ax : Axes, optional
    paired : bool
        Draw the differences to the baseline, whose intervals are narrower, instead of the means.

    Raises
    ------
    KitchenError
        If there is no such parameter, or if another one still has several values.
    """
    told, (middle, low, _) = measure_named(measure), DIFFERENCE if paired else MEAN
    rows = _fixed(frame, "sweep_lines", measure, [x] if by is None else [x, by], paired)
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
    ax.set_title(_headed(told, rows, [x, by], one, _against(rows) if paired else None, over))
    ax.set_ylabel(_differs(told) if paired else f"{told.title}\n({told.unit})")
    if told.is_share:
        percent(ax.yaxis)
    if paired:
        ax.yaxis.set_major_formatter(_signed_ticks(told))
        ax.axhline(0.0, color=INK, linewidth=1)
    groups = _lines_of(rows.assign(at=at), key)
    apart = not pd.api.types.is_numeric_dtype(values) or len(values) == 1
    _draw_lines(ax, groups, DIFFERENCE if paired else MEAN, apart, key if by else None)
    if apart:
        _name_places(ax.xaxis, values, size_in(ax)[0])
        ax.set_xlim(-0.5, len(values) - 0.5)
    places = np.arange(len(values)) if apart else values.to_numpy(float)
    edges = [ax.get_xlim()[0], *(places[1:] + places[:-1]) / 2, ax.get_xlim()[1]]
    for nth, value in enumerate(values):
        own = rows[at == (nth if apart else value)].to_dict("records")
        text = _spot_text(told, own, x, by, paired)
        keep_spot(ax, (edges[nth], 0.0, edges[nth + 1], 1.0), text, ax.get_xaxis_transform())
    return ax


@styled
def sweep_map(
    frame: pd.DataFrame,
    x: str,
    y: str,
    measure: str = "lost_per_order",
    strategy: str | None = None,
    against: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A measure over two parameters of a sweep: a cell for each pair of values.

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame`, or those of its rows that have one value of every parameter but `x` and `y`.
    x, y : str
        Parameters. Cells are of one size, however far apart the values are.
    measure : str
    strategy : str, optional
        Whose figures; the first other than `against` if left out.
    against : str, optional
        Draw the differences to this strategy instead, blue where `strategy` is the better one:
        a map of where the two break even. Cells are dotted where the interval covers 0. One of
        the two must be the baseline of the sweep.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If there is no such parameter or strategy, if another parameter still has several values,
        or if the frame has no intervals of the difference.
    """
    told = measure_named(measure)
    rows = _fixed(frame, "sweep_map", measure, [x, y], against is not None)
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
    ax.set_title(_headed(told, rows, [x, y], True, against))
    figures = np.full((3, len(lines), len(columns)), np.nan)
    figures[:, up, across] = rows[[middle, low, high]].to_numpy(float).T
    sure = (figures[1] > 0) | (figures[2] < 0)
    marked = {"no significant difference": ("..", GREY)} if against is not None else {}
    marked["no figures"] = ("////", PALE)
    cells = np.isfinite(figures[0])
    where = {"no significant difference": cells & ~sure, "no figures": ~cells}
    shade = _shades(ax, figures[0], told, against is not None)
    shade.axes.grid(False)
    ax.tick_params(length=0)
    _name_places(ax.xaxis, columns, size_in(ax)[0])
    _name_places(ax.yaxis, lines, size_in(ax)[1])
    used = {name: kind for name, kind in marked.items() if where[name].any()}
    for name, (hatch, colour) in used.items():
        _hatch(ax, where[name], hatch, colour)
    _write_cells(ax, figures[0], shade, told, against is not None)
    patches = [
        Patch(facecolor="white", edgecolor=c, hatch=h, linewidth=0) for h, c in used.values()
    ]
    legend_below(ax, patches, used)
    bar = ax.figure.colorbar(shade, ax=ax, pad=0.02, aspect=24)
    bar.set_label(_differs(told) if against is not None else f"{told.title}\n({told.unit})")
    bar.outline.set_visible(False)
    if against is not None:
        bar.ax.yaxis.set_major_formatter(_signed_ticks(told))
    elif told.is_share:
        percent(bar.ax.yaxis)
    for row, column_, line in zip(rows.to_dict("records"), across, up, strict=True):
        text = _spot_text(told, [row], x, y, against is not None, against)
        keep_spot(ax, (column_ - 0.5, line - 0.5, column_ + 0.5, line + 0.5), text, ax.transData)
    return ax


BEST, WORST = "#0b5c96", "#b04a00"
"""Ends of the shades of a difference: blue where it is for the better."""

_DIVERGING = LinearSegmentedColormap.from_list(
    "break even", [BEST, "#7db4d8", "#f7f7f7", "#eda779", WORST]
)

TOLD_APART = 6
"""More lines than this have a legend, or a bar of colours where they are values in order."""


def parameters(frame: pd.DataFrame) -> list[str]:
    """The columns of a sweep's frame that were varied."""
    known = {"point", "strategy", "measure", "baseline", "replications", *MEAN, *DIFFERENCE}
    return [column for column in frame.columns if column not in known]


def _fixed(frame, what: str, measure: str, free: list[str], differences: bool) -> pd.DataFrame:
    """The rows of a measure; refused where a parameter other than the `free` ones still varies."""
    more = ("baseline", *DIFFERENCE) if differences else ()
    need(frame, ["strategy", "measure", *MEAN, *more], what)
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
    return rows


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
    """The values there are, in order, and where each row stands: at its number, or counted."""
    if pd.api.types.is_numeric_dtype(values):
        found = pd.Series(np.sort(values.dropna().unique()))
        if not even and len(found) > 1:
            return found, values.to_numpy(float)
        return found, found.searchsorted(values)
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


def _headed(told: Measure, rows, free, one: bool, against: str | None, over: str = "") -> str:
    """A title: what is shown, of whom, and at which values of the parameters that do not vary."""
    who = f": {plain(rows['strategy'].iloc[0], 34)}" if one else ""
    if against is not None:
        who += f" minus {plain(against, 34)}" if one else f", difference to {plain(against, 34)}"
    fixed = [name for name in parameters(rows) if name not in free]
    values = [f"{plain(name, 34)} = {_value_text(rows[name].iloc[0])}" for name in fixed]
    at = "\nat " + ", ".join(values[:3]) if values else ""
    return f"{told.title.capitalize()}{who}{over}{at}"


def _differs(told: Measure) -> str:
    unit = "percentage points" if told.is_share else told.unit
    return f"difference in {told.title}\n({unit}); {told.better}"


def _signed_ticks(told: Measure) -> FuncFormatter:
    return FuncFormatter(lambda v, _: signed(100 * v if told.is_share else v))


def values_of(column: pd.Series) -> pd.Series:
    """The values of a parameter that there are: numbers by size, words in their order."""
    return _scale(column, even=True)[0]


def _lines_of(rows: pd.DataFrame, key: str) -> dict:
    """The rows of each line, by rising place; all strategies keep their looks."""
    values, codes = _scale(rows[key], even=True)
    return {
        value: rows[codes == nth].sort_values("at", kind="stable")
        for nth, value in enumerate(values)
    }


def _draw_lines(ax: Axes, groups: dict, columns, apart: bool, by: str | None) -> None:
    """Lines with bands, or dots with whiskers beside each other; and which is whose."""
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
    many = len(groups) > TOLD_APART
    lines, drawn = [], {}
    for nth, (value, own) in enumerate(groups.items()):
        kind, at = look[value], own["at"].to_numpy(float)
        style = {"color": kind.colour, "marker": kind.marker, "markersize": 4.5}
        if apart:
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
    if ordered and len(groups) > 2 * TOLD_APART:
        numbers = [float(value) for value in groups]
        scale = ScalarMappable(Normalize(numbers[0], numbers[-1]), _VIRIDIS)
        ax.figure.colorbar(scale, ax=ax, pad=0.02, aspect=24, label=f"{plain(by)} ({unit_of(by)})")
    elif apart or many or not label_lines(ax, drawn, dark):
        legend_below(ax, lines, names.values())


_VIRIDIS = ListedColormap(colormaps["viridis"](np.linspace(0.0, 0.88, 256)))
"""Without the yellow that is lost on white."""


def _name_places(axis, values: pd.Series, inches: float) -> None:
    """Name the places 0, 1, ... of an axis by their values: all of them, or as many as fit."""
    told = value_texts(values)
    flat = axis.axis_name == "y"
    need_ = 0.17 if flat else 0.072 * max(map(len, told)) + 0.12
    words = not pd.api.types.is_numeric_dtype(values)
    lean = words and not flat and need_ * len(told) > inches
    step = max(1, int(np.ceil(len(told) * (0.2 if lean else need_) / inches)))
    axis.set_ticks(range(0, len(told), step), told[::step], parse_math=False)
    if lean:
        for label in axis.get_ticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")


def _shades(ax: Axes, figures: np.ndarray, told: Measure, diverging: bool):
    """The cells in colour; those without figures stay blank."""
    shown = figures[np.isfinite(figures)]
    if diverging:
        most = float(np.abs(shown).max()) or (0.001 if told.is_share else 1.0)
        colours, limits = _DIVERGING, (-most, most)
        colours = colours.reversed() if told.more_is_better else colours
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


def _write_cells(ax: Axes, figures: np.ndarray, shade, told: Measure, diverging: bool) -> None:
    """Write the figures where cells have room for them, in the most decimals that fit."""
    wide, tall = 72 * size_in(ax) / np.array(figures.shape[::-1]) * (0.88, 0.95)  # points a cell
    cells = [tuple(cell) for cell in np.argwhere(np.isfinite(figures))]
    scale = told.scale
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
