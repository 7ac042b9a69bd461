"""Columns of a log: the roles that they play, and a guess of them by their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from kitchen.errors import LogError, inline, listed, shown, unknown

ROLES = {
    "order_id": "number of the order",
    "name": "dish",
    "temp": "storage class, as hot or cold",
    "price": "price",
    "received": "when the order came",
    "ready": "when it was cooked",
    "prep": "how long it was cooked",
    "pickup": "when the courier took it",
    "store": "kitchen that cooked it",
    "status": "what became of it",
    "shelf_life_s": "shelf life",
    "decay_rate": "decay rate",
}
"""What a column can be -> what it holds."""

INSTANTS = ("received", "ready", "pickup")
"""Roles that may be two columns: a date and a time."""

ALIASES = {
    "order_id": "order_id order_number order_no orderid order_nr order_ref ticket ticket_id id "
    "bestellnummer bestell_nr auftragsnummer numero_de_commande n_commande",
    "name": "name item item_name dish product meal article "
    "artikel gericht speise produkt plat produit",
    "temp": "temp temperature storage station temperature_zone "
    "lagerung temperatur temperaturzone stockage",
    "price": "price total order_total amount order_value subtotal item_price "
    "preis betrag prix montant",
    "received": "received received_at received_time placed_at order_placed_at placed placed_time "
    "created_at created order_time ordered_at order_placed placement_time time_orderd "
    "order_received customer_placed_order_datetime order_acknowledged_at timestamp "
    "bestellt_am bestellt bestellzeit bestellzeitpunkt eingang date_de_commande "
    "heure_de_commande",
    "ready": "ready ready_at ready_time food_ready food_ready_at order_ready_at completed_at cooked_at "
    "fertig fertig_um pret",
    "prep": "prep prep_time preparation_time prep_duration cooking_time",
    "pickup": "pickup pickup_at picked_up_at picked_up pickup_time collected collected_at "
    "collection_time time_order_picked driver_at_restaurant_datetime fetch_time dispatched_at "
    "collected_time pick_up pick_up_time abgeholt abgeholt_um abholzeit abholung retrait "
    "heure_de_retrait",
    "store": "store store_id store_name restaurant restaurant_id kitchen kitchen_id site location "
    "filiale standort magasin",
    "status": "status order_status state delivery_status statut",
    "shelf_life_s": "shelf_life shelflife",
    "decay_rate": "decay_rate decayrate",
}
"""Names of columns by role, likeliest first; units at their end are left out."""

PAIRS = {
    "received": (
        ("order_date", "order_time"),
        ("date", "time"),
        ("date", "order_time"),
        ("datum", "uhrzeit"),
        ("bestelldatum", "bestellzeit"),
        ("bestellt_am", "uhrzeit"),
        ("date_de_commande", "heure_de_commande"),
    ),
    "pickup": (("pickup_date", "pickup_time"), ("date_de_retrait", "heure_de_retrait")),
}
"""Names of two columns that are a date and a time."""

UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hour", "hours"),
    "ms": ("ms", "millis", "milliseconds"),
}
"""Units of numbers -> what they are called at the end of a name."""

UNIT_OF = {text: unit for unit, texts in UNITS.items() for text in texts}


def plain_name(column) -> tuple[str, str | None]:
    """The name of a column in lower case without accents and its unit, and that unit."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(column).strip()).lower()
    words = unicodedata.normalize("NFKD", words.replace("°", "").replace("#", " no "))
    words = "".join(letter for letter in words if not unicodedata.combining(letter))
    words = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    words = re.sub(r"_(?:eur|gbp|usd|chf)$", "", words)
    name, _, last = words.rpartition("_")
    return (name, UNIT_OF[last]) if name and last in UNIT_OF else (words, None)


def guess(columns, taken=()) -> dict[str, str | tuple[str, str]]:
    """Role -> column for the names that are known, those in `taken` left out."""
    known = {plain_name(column)[0]: column for column in reversed(list(columns))}
    used, found = set(taken), {}
    for role, pairs in PAIRS.items():
        for pair in pairs:
            if all(name in known and known[name] not in used for name in pair):
                found[role] = tuple(known[name] for name in pair)
                used.update(found[role])
                break
    for role, names in ALIASES.items():
        free = [known[name] for name in names.split() if name in known and known[name] not in used]
        if role not in found and free:
            found[role] = free[0]
            used.add(free[0])
    return found


def assign(columns: list, given, where: str) -> tuple[dict, dict]:
    """Role -> column (or two) as given and guessed, and the guessed ones alone.

    Raises
    ------
    LogError
        If a role or column is unknown, a column is taken twice, or none says when an order came.
    """
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise LogError(f"columns: must be a table of roles and columns, got {shown(given)}.")
    names = [inline(column) for column in columns]
    chosen: dict = {}
    by: dict = {}
    for role, column in given.items():
        if role not in ROLES:
            raise LogError(f"columns: {unknown('role', role, ROLES)}")
        if column is None or (isinstance(column, str) and not column):
            chosen[role] = None  # not to be guessed either
            continue
        parts = tuple(column) if isinstance(column, (list, tuple)) else (column,)
        if len(parts) not in (1, 2) or (len(parts) == 2 and role not in INSTANTS):
            raise LogError(
                f"columns: {role}: must be one column{', or date and time' * (role in INSTANTS)}, "
                f"got {shown(column)}."
            )
        for part in parts:
            if not isinstance(part, str) or part not in columns:
                raise LogError(f"{where}: columns: {role}: {unknown('column', part, names)}")
            if part in by and not (role in INSTANTS and by[part] in INSTANTS and len(parts) == 2):
                raise LogError(
                    f"columns: {by[part]} and {role}: are the same column {shown(part)}. "
                    "Give each a column of its own."
                )
            by[part] = role
        chosen[role] = parts[0] if len(parts) == 1 else parts
    guessed = {role: column for role, column in guess(columns, by).items() if role not in chosen}
    chosen = {role: column for role, column in {**chosen, **guessed}.items() if column is not None}
    if "received" not in chosen:
        raise LogError(
            f"{where}: no column says when an order came. Name it: columns={{'received': ...}}. "
            f"There are: {listed(names) or 'none'}.{_above(names)}"
        )
    return chosen, guessed


def _above(names: list[str]) -> str:
    """Advice where most columns have no name, as under the title of a report."""
    without = sum(re.fullmatch(r"column \d+|Unnamed: \d+", name) is not None for name in names)
    return " Delete what stands above the header." if 2 * without > len(names) else ""
