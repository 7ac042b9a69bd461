"""What Hypothesis draws: any scenario that is legal, with names as nasty as names can be."""

from hypothesis import strategies as st

from kitchen.model.decay import LAWS

NAMES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
    st.sampled_from(
        [
            "a.b",
            "1",
            "0",
            "3",
            " ",
            '"',
            "'",
            '"""',
            "\\",
            "\n",
            "#",
            "[x]",
            "a = 1",
            "\x00",
            "\x7f",
            "é",
        ]
    ),
)
LEAST = st.floats(0, 1e300)
ABOVE = st.floats(1e-300, 1e300)


def _distribution(name, **numbers):
    return st.fixed_dictionaries({"distribution": st.just(name), **numbers})


DELAYS = st.one_of(
    st.tuples(LEAST, LEAST).map(
        lambda ends: {"distribution": "uniform", "low": min(ends), "high": max(ends)}
    ),
    _distribution("exponential", mean=ABOVE),
    _distribution("constant", value=LEAST),
    _distribution("lognormal", median=ABOVE, sigma=st.floats(1e-9, 20)),
    _distribution("gamma", mean=ABOVE, shape=ABOVE),
    _distribution("empirical", values=st.lists(LEAST, min_size=1, max_size=30)),
)


@st.composite
def piecewise(draw):
    starts = draw(st.lists(st.floats(1e-3, 1e9), max_size=30, unique=True))
    rates = draw(st.lists(LEAST, min_size=len(starts), max_size=len(starts)))
    return {
        "process": "piecewise",
        "from_s": [0.0, *sorted(starts)],
        "rates": [*rates, draw(ABOVE)],
    }


ARRIVALS = st.one_of(
    st.fixed_dictionaries({"process": st.just("poisson"), "rate": ABOVE}),
    st.fixed_dictionaries({"process": st.just("regular"), "rate": ABOVE}),
    piecewise(),
)


@st.composite
def shelf(draw, name):
    holds = draw(
        st.one_of(
            st.just("any"),
            st.lists(NAMES.filter("any".__ne__), min_size=1, max_size=4, unique=True),
        )
    )
    temps = NAMES if holds == "any" else st.sampled_from(holds)
    modifier = st.one_of(st.just(1.0), LEAST, st.dictionaries(temps, LEAST, max_size=3))
    return {
        "name": name,
        "holds": holds,
        "capacity": draw(st.integers(0, 2**40)),
        "modifier": draw(modifier),
    }


@st.composite
def scenarios(draw):
    """A scenario as a dict of plain keys and values."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    end = draw(st.sampled_from(["count", "duration_s", None]))
    orders = {
        "sampling": draw(st.sampled_from(["random", "in order"])),
        "prep": draw(st.none() | DELAYS),
        "count": draw(st.integers(0, 2**53)) if end == "count" else None,
        "duration_s": draw(LEAST) if end == "duration_s" else None,
    }
    return {
        "name": draw(NAMES),
        "decay": draw(st.sampled_from(list(LAWS))),
        "waste_below": draw(st.floats(0, 1, exclude_max=True)),
        "expired_orders": draw(st.sampled_from(["removed", "held"])),
        "eta": draw(st.one_of(st.sampled_from(["unknown", "exact"]), LEAST)),
        "orders": orders,
        "arrivals": draw(ARRIVALS),
        "couriers": {"delay": draw(DELAYS)},
        "shelves": [draw(shelf(name)) for name in names],
    }
