"""The verdict of a sizing in words; it claims no more than was shown."""

from __future__ import annotations

from kitchen.comparison.verdict import FEW
from kitchen.errors import inline
from kitchen.model.measures import measure_named
from kitchen.sizing.layouts import Grid, Layout
from kitchen.sizing.search import Search
from kitchen.utils.formatting import enumeration

NOTHING = "No orders came, so there is nothing to size."


def in_words(sizing, search: Search, proofs: dict, chosen: Layout | None) -> str:
    """The verdict: the layout, how sure it is, and what one slot fewer would do.

    Parameters
    ----------
    found : Sizing
    search : Search
    proofs : dict of Layout to Row
        The layouts that were put to the proof, and their limits there.
    chosen : Layout or None
    """
    sentences = [_holding(sizing, search, proofs, chosen)]
    if chosen is not None:
        sentences += [
            _one_fewer(sizing, search.grid, chosen),
            _cheaper(sizing, search, proofs, chosen),
        ]
    refused = [x for x in proofs if x != chosen]
    if chosen is not None and refused:
        which = _listed(search.grid, refused[0]) if len(refused) == 1 else f"{len(refused)} layouts"
        sentences.append(f"Before it, {which} did not pass that proof.")
    rise = search.rising()
    if rise is not None:
        few, many = rise
        sentences.append(
            f"More slots do not always help here: {_listed(search.grid, many)} does worse than "
            f"{_listed(search.grid, few)}. The search assumes that they do, and may have missed "
            "a cheaper layout."
        )
    return " ".join(sentence for sentence in sentences if sentence)


def _holding(sizing, search: Search, proofs: dict, chosen: Layout | None) -> str:
    grid, measure = search.grid, sizing.measure
    target, sure = figure(measure, sizing.target), f"{100 * sizing.confidence:.4g} % confidence"
    if chosen is None:
        if proofs:
            return (
                f"No layout was shown to keep {measure} at or below {target} with {sure}: none of "
                f"the {len(proofs)} that looked good in the search passed the proof."
            )
        most = search.estimate(grid.largest)
        fails = search.judged(grid.largest) is False
        end = "" if fails else f" That is too close to call after {most.number:,} replications."
        return (
            f"No allowed layout is shown to keep {measure} at or below {target}: with the most "
            f"slots, {_listed(grid, grid.largest)}, {_wasted(measure, most.mean)}.{end}"
        )
    row = proofs[chosen]
    slots = sum(grid.slots(chosen).values())
    cost = (
        f"{slots:,} slots" if sizing.cost == slots else f"cost {sizing.cost:,.6g}, {slots:,} slots"
    )
    few = (
        f" With fewer than {FEW} replications limits hold somewhat less often than they say."
        if row.estimate.number < FEW
        else ""
    )
    return (
        f"{_listed(grid, chosen)} ({cost}) will do: {_wasted(measure, row.estimate.mean)}, and with "
        f"{sure} at most {figure(measure, row.upper)}; the target is {target}. That is from "
        f"{row.estimate.number:,} replications that took no part in the search.{few}"
    )


def _one_fewer(sizing, grid: Grid, chosen: Layout) -> str:
    """What the next smaller capacity of each shelf would do."""
    ends: dict[str, list[str]] = {"fails": [], "is too close to call": [], "would do as well": []}
    one = all(own[i] - own[i - 1] == 1 for own, i in zip(grid.levels, chosen, strict=True) if i > 0)
    for row in sizing.fewer.to_dict("records"):
        end = "fails" if row["fails"] else "is too close to call"
        end = "would do as well" if row["within"] else end
        ends[end].append(f"on {inline(row['shelf'])} {figure(sizing.measure, row['mean'])}")
    said = [f"{end} ({', '.join(shelves)})" for end, shelves in ends.items() if shelves]
    if not said:
        return "There is no smaller layout."
    return f"{'One slot' if one else 'The next capacity'} fewer {'; '.join(said)}."


def _cheaper(sizing, search: Search, proofs: dict, chosen: Layout) -> str:
    """What is known of the layouts that cost less."""
    grid = search.grid
    refused = {x for x in search.refused if grid.cost(x) < sizing.cost}
    unsure = {x for x in refused if proofs[x].lower <= sizing.target}
    close = len({*search.undecided(chosen)} - refused | unsure)
    if grid.cost(chosen) <= grid.cost(grid.smallest):
        return ""
    tried = f"{len(sizing.frame):,} of {grid.number:,} layouts were tried"
    cap = f"too close to call within {search.evaluator.interim_sizes[-1]:,} replications and"
    count = "1 of them is" if close == 1 else f"{close:,} of them are"
    near = f"{count} {cap} count{'s' if close == 1 else ''} as failing"
    if search.open:
        return (
            "Nothing cheaper was found to hold, neither by exchanging slots between shelves nor by "
            f"branch and bound: {tried}, "
            + (f"{near}, " if close else "")
            + f"and up to {search.open:,} cheaper ones were neither tried nor ruled out."
        )
    return (
        f"No cheaper layout {'is shown to hold' if close else 'holds'}: {tried}, "
        + (f"{near}, " if close else "")
        + "and the cheaper ones among the others are nowhere larger than one that fails."
    )


def _listed(grid: Grid, layout: Layout) -> str:
    return enumeration(f"{inline(name)} {slots:,}" for name, slots in grid.slots(layout).items())


def figure(measure: str, value: float) -> str:
    """A figure in three digits, a share in percent."""
    return measure_named(measure).figure(value)


def _wasted(measure: str, value: float) -> str:
    """A figure in the middle of a sentence."""
    return measure_named(measure).text(value)
