"""Reading an order log: an export of orders into evenings that can be replayed."""

from __future__ import annotations

from collections.abc import Mapping

from kitchen.logs.log import Log
from kitchen.logs.mapping import read_mapping
from kitchen.logs.reading import Reading

DEFAULTS = {"day_begins": "14:00", "max_delay": "4h"}
"""Keywords that have a value if left out."""


def read_log(
    source,
    columns: Mapping | None = None,
    *,
    tz: str | None = None,
    day_begins: str = DEFAULTS["day_begins"],
    between: tuple[str, str] | None = None,
    store=None,
    units: Mapping | None = None,
    dayfirst: bool | None = None,
    temps: Mapping | None = None,
    shelf_life: Mapping | None = None,
    decay_rate: float | Mapping | None = None,
    cancelled=None,
    max_delay: str | float = DEFAULTS["max_delay"],
    menu=None,
    mapping=None,
) -> Log:
    """Read an order log, repair and count what is wrong in it, and divide it into evenings.

    A row is an order. Columns are guessed by their names; `Log.verdict` says which. A service day
    is a replication: its orders' times are seconds from its opening, elapsed in UTC.

    Parameters
    ----------
    source : path, open file or DataFrame
        CSV (cells between ``,``, ``;``, tabs or ``|``; decimal point or comma), TSV, JSON, JSON lines,
        Parquet, or Excel with the extra ``kitchensim[excel]``. A file that is open for bytes, or an upload
        in an ``io.BytesIO``, needs a ``name`` that says which of these it is.
    columns : mapping, optional
        Role -> name of its column, for what is not guessed; None leaves a role out. Roles are
        order_id, name, temp, price, received, ready, prep, pickup, store, status, shelf_life_s and
        decay_rate; received, ready and pickup may be two columns, date and time.
    tz : str, optional
        Time zone of the kitchen, as 'Europe/London'.
    day_begins : str
        Local time at which a service day begins; what comes before belongs to the day before.
    between : (str, str), optional
        Opening and closing by the local clock. Orders outside are left out. By default an evening
        opens at the half hour before the earliest order of all evenings.
    store : str, optional
        The kitchen to read, in a log of several.
    units : mapping, optional
        Role -> unit of its bare numbers: s, min, h, ms, epoch_s, epoch_ms, epoch_us. As times of
        pickup and readiness, the first four count from receipt.
    dayfirst : bool, optional
        Whether 3/4/2025 is in April; needed where no row shows it.
    temps : mapping, optional
        Text in the log -> temp.
    shelf_life : mapping, optional
        Temp -> seconds.
    decay_rate : float or mapping, optional
        Of all orders, or temp -> decay rate.
    cancelled : list of str, optional
        Statuses of orders that were never cooked.
    max_delay : str or float
        Longer delays after receipt count as missing: '4h', '90min', or seconds.
    menu : Menu, DataFrame or path, optional
        Temps, prices and shelf lives by name, where the log has none.
    mapping : path, optional
        A TOML file of these keywords.

    Returns
    -------
    Log

    Raises
    ------
    LogError
        If a column is missing or unknown, times are ambiguous or without unit, a temp has no shelf
        life, or no evening is left.
    FileError
        If the file cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> table = pd.DataFrame({
    ...     "Placed at": ["2025-11-03T18:00:10+00:00", "2025-11-03T18:02:40+00:00"],
    ...     "Storage": ["Hot", "chilled"],
    ...     "Collected": ["2025-11-03T18:14:00+00:00", None],
    ... })
    >>> log = kt.read_log(table)
    >>> log
    Log(2 orders on 1 evening, 1 of them usable)
    >>> log.frame[["temp", "received_s", "pickup_s"]]
       temp  received_s  pickup_s
    0   hot        10.0     840.0
    1  cold       160.0       NaN
    """
    given = {
        "columns": columns,
        "tz": tz,
        "day_begins": day_begins,
        "between": between,
        "store": store,
        "units": units,
        "dayfirst": dayfirst,
        "temps": temps,
        "shelf_life": shelf_life,
        "decay_rate": decay_rate,
        "cancelled": cancelled,
        "max_delay": max_delay,
        "menu": menu,
    }
    if mapping is not None:
        for key, value in read_mapping(mapping).items():
            if given[key] is None or given[key] == DEFAULTS.get(key):
                given[key] = value
    return Reading(source, **given).log()
