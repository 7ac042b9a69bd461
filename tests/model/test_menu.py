"""Menus and the files they are read from."""

import json
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchen.errors import FileError, OrdersError
from kitchen.io.csv_text import write_csv
from kitchen.io.write import write_parquet
from kitchen.model import menu
from kitchen.model.menu import COLUMNS, Menu, read_orders, shipped_menu_path

PIZZA = {"id": "p1", "name": "Pizza", "temp": "hot", "shelfLife": 300, "decayRate": 0.45}
SALAD = {"id": "s1", "name": "Salad", "temp": "cold", "shelfLife": 200.5, "decayRate": 0}
NEW_PIZZA = {"id": "p1", "name": "Pizza", "temp": "hot", "price": 12, "freshness": 120}
NEW_BREAD = {"id": "b1", "name": "Bread", "temp": "room", "price": 3.5, "freshness": 600}
HEADER = "order_id,name,temp,price,shelf_life_s,decay_rate\n"
HUGE = 1.7976931348623157e308


@pytest.fixture
def read(tmp_path):
    """A function that reads a menu from the given text or value."""

    def read(content, suffix=".json"):
        path = tmp_path / f"menu{suffix}"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8", newline="")
        return read_orders(path)

    return read


@pytest.fixture
def refusal(read, tmp_path):
    """A function that gives the one line with which a content is refused, without the folder."""

    def refusal(content, suffix=".json", error=OrdersError):
        with pytest.raises(error) as caught:
            read(content, suffix)
        line = str(caught.value)
        assert len(line.splitlines()) == 1 and line.endswith(".")
        return line.removeprefix(f"{tmp_path}/")

    return refusal


def frame(**changes):
    """Two good orders as a data frame, with some columns replaced (None: left out)."""
    columns = {
        "order_id": ["007", "1E5"],
        "name": ["Pizza", "Salad"],
        "temp": ["hot", "cold"],
        "price": [9.5, 0.0],
        "shelf_life_s": [300.0, 0.1],
        "decay_rate": [0.45, 0.0],
    }
    columns.update(changes)
    return pd.DataFrame({name: value for name, value in columns.items() if value is not None})


def same(menu, other):
    return all(np.array_equal(getattr(menu, c), getattr(other, c)) for c in COLUMNS)


# --- What is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [list, lambda orders: {"orders": orders}], ids=["list", "object"])
def test_the_first_generation_has_shelf_lives_and_decay_rates_and_unit_prices(read, wrap):
    menu = read(wrap([PIZZA, SALAD]))
    assert menu.order_id.tolist() == ["p1", "s1"]
    assert menu.name.tolist() == ["Pizza", "Salad"]
    assert menu.temp.tolist() == ["hot", "cold"]
    assert menu.price.tolist() == [1.0, 1.0]
    assert menu.shelf_life_s.tolist() == [300.0, 200.5]
    assert menu.decay_rate.tolist() == [0.45, 0.0]


def test_the_second_generation_has_freshness_and_prices(read):
    menu = read([NEW_PIZZA, NEW_BREAD])
    assert menu.temp.tolist() == ["hot", "room"]
    assert menu.price.tolist() == [12.0, 3.5]
    assert menu.shelf_life_s.tolist() == [120.0, 600.0]
    assert menu.decay_rate.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("content", ["[]", '{"orders": []}'])
def test_a_menu_may_be_empty(read, content):
    menu = read(content)
    assert len(menu) == 0 and menu.price.dtype == np.float64
    assert same(Menu.from_frame(menu.frame()), menu)


def test_a_csv_of_a_header_alone_is_an_empty_menu(read):
    assert len(read(HEADER, ".csv")) == 0


def test_orders_without_ids_are_numbered_from_one(read):
    menu = [{k: v for k, v in order.items() if k != "id"} for order in (PIZZA, SALAD)]
    assert read(menu).order_id.tolist() == ["1", "2"]


def test_a_number_given_in_place_of_an_id_never_doubles_one_that_was_written(read):
    nameless = {key: value for key, value in PIZZA.items() if key != "id"}
    menu = [PIZZA | {"id": "2"}, nameless, PIZZA | {"id": "2-2"}]
    assert read(menu).order_id.tolist() == ["2", "2-3", "2-2"]


@pytest.mark.parametrize("odd", ["007", "1E5", "NA", "nan", "", " x ", "-1", "1.0", "True"])
def test_ids_in_a_csv_stay_as_they_are_written(read, odd):
    menu = read(HEADER + f"{odd},Pizza,hot,1,300,0.5\n", ".csv")
    assert menu.order_id.tolist() == [odd or "1"]


def test_whole_numbers_as_ids_become_text():
    assert Menu.from_frame(frame(order_id=[7, 8])).order_id.tolist() == ["7", "8"]


@pytest.mark.parametrize("column", ["price", "order_id"])
def test_a_table_needs_no_prices_and_no_ids(column, tmp_path):
    path = tmp_path / "menu.csv"
    write_csv(frame(**{column: None}), path)
    assert read_orders(path).frame()[column].tolist() in ([1.0, 1.0], ["1", "2"])


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".CSV"])
def test_a_menu_written_as_a_table_is_the_same_menu_when_read(tmp_path, suffix):
    names = ["=1+1", '\'tis, "soup"\n\r\x00']
    menu = Menu.from_frame(frame(name=names, order_id=["-1", "'-1"], shelf_life_s=[HUGE, 5e-324]))
    path = tmp_path / f"menu{suffix}"
    (write_parquet if suffix == ".parquet" else write_csv)(menu.frame(), path)
    assert same(read_orders(path), menu)


def test_an_apostrophe_that_protects_nothing_is_part_of_the_name(read):
    assert read(HEADER + "1,'Tis Soup,hot,1,300,0.5\n", ".csv").name.tolist() == ["'Tis Soup"]


def test_a_csv_may_have_its_columns_in_any_order_and_blanks_around_numbers(read):
    text = (
        "decay_rate,temp,shelf_life_s,name\r\n 0.5,hot,+3e2 ,Pizza\r\n\r\n,,,\r\n.5,hot,3.,Pie\r\n"
    )
    menu = read("\ufeff" + text, ".csv")
    assert menu.shelf_life_s.tolist() == [300.0, 3.0] and menu.decay_rate.tolist() == [0.5, 0.5]


def test_categories_and_small_floats_in_a_frame_are_understood():
    given_ = frame(shelf_life_s=np.array([1.5, 2.5], "f4"), price=[1, 2]).astype(
        {"temp": "category", "decay_rate": "Float64"}
    )
    menu = Menu.from_frame(given_)
    assert menu.temp.tolist() == ["hot", "cold"] and menu.shelf_life_s.tolist() == [1.5, 2.5]


def test_huge_but_finite_numbers_are_numbers(read):
    assert read([PIZZA | {"shelfLife": HUGE}]).shelf_life_s.tolist() == [HUGE]
    assert read([PIZZA | {"shelfLife": 10**300}]).shelf_life_s.tolist() == [1e300]


def test_control_characters_in_names_are_kept(read):
    assert read([PIZZA | {"name": "a\x00\tb\u202e"}]).name.tolist() == ["a\x00\tb\u202e"]


orders_of_any_kind = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
            "temp": st.sampled_from(["hot", "cold", "frozen"]),
            "shelfLife": st.floats(0, exclude_min=True, allow_infinity=False),
            "decayRate": st.floats(0, 1e308),
        }
    ),
    max_size=5,
)


@given(orders_of_any_kind)
def test_json_and_csv_of_the_same_orders_give_the_same_menu(tmp_path_factory, given_):
    folder = tmp_path_factory.mktemp("menu", numbered=True)
    (folder / "a.json").write_text(json.dumps(given_), encoding="utf-8")
    menu = read_orders(folder / "a.json")
    assert menu.shelf_life_s.tolist() == [order["shelfLife"] for order in given_]
    write_csv(menu.frame(), folder / "a.csv")
    assert same(read_orders(folder / "a.csv"), menu)


# --- The menu itself ----------------------------------------------------------------------------


def test_the_frame_of_a_menu_has_its_columns_and_is_a_copy():
    menu = Menu.from_frame(frame())
    table = menu.frame()
    assert list(table.columns) == list(COLUMNS)
    assert (table.dtypes[["price", "shelf_life_s", "decay_rate"]] == "float64").all()
    table.loc[0, "price"] = 99.0
    assert menu.price[0] == 9.5
    assert same(Menu.from_frame(menu.frame()), menu)


def test_a_frame_is_unchanged_by_being_read():
    given_ = frame()
    before = given_.copy(deep=True)
    Menu.from_frame(given_)
    pd.testing.assert_frame_equal(given_, before)


def test_a_menu_cannot_be_changed():
    menu = Menu.from_frame(frame())
    with pytest.raises(AttributeError):
        menu.price = np.zeros(2)
    with pytest.raises(ValueError, match="read-only"):
        menu.price[0] = 2.0


def test_the_columns_of_a_menu_are_arrays_of_text_and_of_float64():
    menu = Menu.from_frame(frame(shelf_life_s=[1, 2], decay_rate=[0, 1]))
    for column in COLUMNS:
        array = getattr(menu, column)
        assert array.shape == (2,)
        if column in ("order_id", "name", "temp"):
            assert array.dtype == object and {type(text) for text in array} == {str}
        else:
            assert array.dtype == np.float64


# --- What is refused: JSON ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"shelfLife": "300"}, "shelfLife: must be a number of seconds above 0, got '300'."),
        ({"shelfLife": True}, "shelfLife: must be a number of seconds above 0, got true."),
        ({"shelfLife": 0}, "shelfLife: must be a number of seconds above 0, got 0."),
        ({"shelfLife": -1.5}, "shelfLife: must be a number of seconds above 0, got -1.5."),
        ({"shelfLife": [1]}, "shelfLife: must be a number of seconds above 0, got [1]."),
        ({"decayRate": -0.1}, "decayRate: must be a number of at least 0, got -0.1."),
        ({"decayRate": None}, "decayRate: must have a value, got null."),
        ({"temp": ""}, "temp: must be a text that is not empty, got ''."),
        ({"temp": 5}, "temp: must be a text that is not empty, got 5."),
        ({"name": " "}, "name: must be a text that is not empty, got ' '."),
        ({"name": {"en": "x"}}, "name: must be a text that is not empty, got {'en': 'x'}."),
        ({"id": None}, "id: must have a value, got null."),
        ({"id": ""}, "id: must be a text that is not empty, got ''."),
        ({"id": 1.5}, "id: must be a text that is not empty, got 1.5."),
        ({"id": True}, "id: must be a text that is not empty, got true."),
        ({"id": "p1"}, "id: must be an id of its own, got 'p1', the same as orders[0].id."),
    ],
)
def test_a_bad_value_is_named_with_its_place_and_what_would_do(refusal, change, line):
    assert refusal([PIZZA, SALAD | change]) == f"menu.json: orders[1].{line}"


@pytest.mark.parametrize("key", ["name", "temp", "shelfLife", "decayRate"])
def test_a_missing_key_of_the_first_generation_is_named(refusal, key):
    order = {k: v for k, v in PIZZA.items() if k != key}
    assert refusal([SALAD, order]) == (
        f"menu.json: orders[1].{key}: is missing. "
        "An order has id, name, temp, shelfLife, decayRate."
    )


@pytest.mark.parametrize("key", ["id", "name", "temp", "price", "freshness"])
def test_a_missing_key_of_the_second_generation_is_named(refusal, key):
    order = {k: v for k, v in NEW_PIZZA.items() if k != key}
    assert refusal([order]) == (
        f"menu.json: orders[0].{key}: is missing. An order has id, name, temp, price, freshness."
    )


def test_a_misspelt_key_is_answered_with_the_one_that_was_meant(refusal):
    order = {k: v for k, v in PIZZA.items() if k != "shelfLife"} | {"shelf_life": 3}
    assert refusal([order]) == (
        "menu.json: orders[0]: key 'shelf_life' is unknown. Did you mean 'shelfLife'? "
        "There are: id, name, temp, shelfLife, decayRate."
    )
    assert "Did you mean 'orders'?" in refusal({"order": []})


def test_the_two_generations_are_not_mixed(refusal):
    assert refusal([PIZZA, SALAD, NEW_PIZZA]) == (
        "menu.json: orders[0] is in the first generation of the format (shelfLife, decayRate), "
        "orders[2] in the second (freshness). Use one for all."
    )
    assert "Use one for all" in refusal([PIZZA | {"freshness": 5}])
    assert "key 'price' is unknown" in refusal([PIZZA | {"price": 5}])


def test_a_negative_price_is_refused(refusal):
    assert refusal([NEW_PIZZA | {"price": -1}]) == (
        "menu.json: orders[0].price: must be a number of at least 0, got -1."
    )


@pytest.mark.parametrize("value", [{}, 5, '"x"', None, {"orders": {}}, {"orders": None}])
def test_what_is_no_list_of_orders_is_refused(refusal, value):
    assert 'must be a list of orders, or {"orders": [...]}, got' in refusal(value)


def test_an_order_that_is_no_object_is_refused(refusal):
    assert refusal([PIZZA, 5]) == "menu.json: orders[1]: must be an object, got 5."


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400])
def test_numbers_that_are_not_finite_are_refused(refusal, literal):
    text = json.dumps([PIZZA]).replace("300", literal)
    assert refusal(text, error=FileError).startswith("menu.json: ")


def test_half_a_surrogate_pair_is_refused_with_its_place(refusal):
    line = refusal([PIZZA, SALAD | {"name": "x\ud83d"}], error=FileError)
    assert line.startswith(r"menu.json: [1].name: 'x\ud83d' holds half of a surrogate pair")


# --- What is refused: tables --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ("a,Pizza,hot,1,abc,0", "shelf_life_s: must be a number of seconds above 0, got 'abc'."),
        ("a,Pizza,hot,1,,0", "shelf_life_s: must be a number of seconds above 0, got ''."),
        ("a,Pizza,hot,1,nan,0", "shelf_life_s: must be a number of seconds above 0, got 'nan'."),
        ("a,Pizza,hot,1,inf,0", "shelf_life_s: must be a number of seconds above 0, got 'inf'."),
        (
            "a,Pizza,hot,1,1e999,0",
            "shelf_life_s: must be a number of seconds above 0, got '1e999'.",
        ),
        (
            "a,Pizza,hot,1,1_000,0",
            "shelf_life_s: must be a number of seconds above 0, got '1_000'.",
        ),
        (
            "a,Pizza,hot,1,\u0663,0",
            "shelf_life_s: must be a number of seconds above 0, got '\u0663'.",
        ),
        ("a,Pizza,hot,1,-3,0", "shelf_life_s: must be a number of seconds above 0, got -3."),
        ('a,Pizza,hot,1,3,"0,5"', "decay_rate: must be a number of at least 0, got '0,5'."),
        ("a,Pizza,hot,-1,3,0", "price: must be a number of at least 0, got -1."),
        ("a,Pizza,,1,3,0", "temp: must be a text that is not empty, got ''."),
        (
            "x,Pizza,hot,1,3,0",
            "order_id: must be an id of its own, got 'x', the same as row 2, order_id.",
        ),
    ],
)
def test_a_bad_cell_is_named_with_the_row_a_spreadsheet_shows(refusal, row, line):
    text = HEADER + f'x,"Two\nlines",hot,1,3,0\n\n{row}\n'
    assert refusal(text, ".csv") == f"menu.csv: row 4, {line}"


def test_columns_that_are_missing_unknown_or_doubled_are_named(refusal):
    assert refusal("name,temp,shelf_life_s\n", ".csv") == (
        "menu.csv: the column decay_rate is missing. "
        "There must be name, temp, shelf_life_s, decay_rate. There are: name, temp, shelf_life_s."
    )
    assert "column 'shelf_life' is unknown. Did you mean 'shelf_life_s'?" in refusal(
        "name,temp,shelf_life,decay_rate\n", ".csv"
    )
    assert "the column 'name' is there twice" in refusal("name,name\n", ".csv", FileError)
    assert "must be separated by commas" in refusal("name;temp;shelf_life_s\n", ".csv", FileError)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"shelf_life_s": [1.0, np.nan]},
            "shelf_life_s: must be a number of seconds above 0, got ",
        ),
        (
            {"shelf_life_s": [1.0, np.inf]},
            "shelf_life_s: must be a number of seconds above 0, got ",
        ),
        (
            {"shelf_life_s": ["1", "2"]},
            "shelf_life_s: must be a number of seconds above 0, got '1'",
        ),
        ({"decay_rate": [True, False]}, "decay_rate: must be a number of at least 0, got true"),
        ({"price": [1.0, None]}, "price: must be a number of at least 0, got "),
        ({"name": ["x", None]}, "name: must be a text that is not empty, got nothing"),
        ({"name": [1, 2]}, "name: must be a text that is not empty, got 1"),
        ({"order_id": ["a", "a"]}, "order_id: must be an id of its own, got 'a', the same as "),
        ({"order_id": [1.5, 2.5]}, "order_id: must be a text that is not empty, got 1.5"),
    ],
)
def test_frames_and_parquet_files_are_held_to_the_same(tmp_path, change, line):
    with pytest.raises(OrdersError) as caught:
        Menu.from_frame(frame(**change))
    assert line in str(caught.value) and str(caught.value).startswith("orders[")
    write_parquet(frame(**change), tmp_path / "menu.parquet")
    with pytest.raises(OrdersError) as caught:
        read_orders(tmp_path / "menu.parquet")
    assert line in str(caught.value) and "menu.parquet: orders[" in str(caught.value)


def test_a_frame_with_unknown_or_doubled_columns_is_refused():
    with pytest.raises(
        OrdersError, match="column 'shelf_life' is unknown. Did you mean 'shelf_life_s"
    ):
        Menu.from_frame(frame().rename(columns={"shelf_life_s": "shelf_life"}))
    with pytest.raises(OrdersError, match="column 3 is unknown"):
        Menu.from_frame(frame().assign(**{"x": 1}).rename(columns={"x": 3}))
    with pytest.raises(OrdersError, match="the column name is there twice"):
        Menu.from_frame(pd.concat([frame(), frame()[["name"]]], axis=1))


def test_half_a_surrogate_pair_in_a_frame_is_refused():
    given_ = frame().astype({"name": object})
    given_.loc[1, "name"] = "x\ud800"
    with pytest.raises(OrdersError, match=r"orders\[1\].name: must be text"):
        Menu.from_frame(given_)


@pytest.mark.parametrize("name", ["menu.txt", "menu", "menu.json.gz"])
def test_the_suffix_must_say_what_the_file_is(tmp_path, name):
    with pytest.raises(OrdersError, match=r"ends in .json, .csv, .parquet"):
        read_orders(tmp_path / name)


@pytest.mark.parametrize("suffix", [".json", ".csv", ".parquet"])
def test_a_file_that_is_missing_or_something_else_is_refused_in_one_line(tmp_path, suffix):
    path = tmp_path / f"menu{suffix}"
    with pytest.raises(FileError, match="there is no such file"):
        read_orders(path)
    path.write_bytes(b"\x89PNG\xff\x00")
    with pytest.raises(FileError) as caught:
        read_orders(path)
    assert len(str(caught.value).splitlines()) == 1 and str(path) in str(caught.value)


# --- The package --------------------------------------------------------------------------------


def test_the_shipped_menu_is_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(read_orders(shipped_menu_path())) == 132


def test_an_installed_package_uses_the_menu_inside_it(tmp_path, monkeypatch):
    package = tmp_path / "site" / "kitchen"
    monkeypatch.setattr(menu, "__file__", str(package / "model" / "menu.py"))
    with pytest.raises(OrdersError, match="Install the package again"):
        shipped_menu_path()
    for folder in (tmp_path / "site", package):  # the second one counts although both are there
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "orders.json").write_text("[]")
        assert shipped_menu_path() == folder.resolve() / "data" / "orders.json"


def test_reading_a_menu_in_json_imports_neither_pandas_nor_pyarrow():
    code = (
        "import sys; from kitchen.model.menu import read_orders, shipped_menu_path; "
        "read_orders(shipped_menu_path()); "
        "print(sorted({'pandas', 'pyarrow', 'scipy'} & set(sys.modules)))"
    )
    package = shipped_menu_path().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=package
    )
    assert done.stdout.strip() == "[]"


# --- Files of other programs --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "separator"),
    [
        ("name;temp;shelf_life_s;decay_rate\nSoup;hot;300,5;0,5\n", "semicolons"),
        ("name\ttemp\tshelf_life_s\tdecay_rate\nSoup\thot\t300,5\t0.5\n", "tabs"),
        ("name|temp|shelf_life_s|decay_rate\nSoup|hot|300|0.5\n", "vertical bars"),
        ("sep=;\nname;temp;shelf_life_s;decay_rate\nSoup;hot;300;0,5\n", "semicolons"),
    ],
)
def test_another_separator_than_a_comma_is_named(refusal, content, separator):
    assert refusal(content, ".csv", FileError) == (
        f"menu.csv: the cells must be separated by commas, got {separator}. "
        "Save it as CSV with commas between the cells and points in the numbers."
    )


def test_a_first_line_that_names_the_comma_is_skipped_and_counted(read, refusal):
    lines = "sep=,\r\nname,temp,shelf_life_s,decay_rate\r\nSoup,hot,300,{}\r\n"
    assert read(lines.format(0.5), ".csv").decay_rate.tolist() == [0.5]
    assert refusal(lines.format("x"), ".csv").startswith("menu.csv: row 3, decay_rate: ")


def test_json_lines_are_called_by_their_name(refusal):
    line = refusal(f"{json.dumps(PIZZA)}\n{json.dumps(SALAD)}\n", error=FileError)
    assert line.startswith("menu.json: is JSON lines, a value on each line")
    assert "Extra data" in refusal("[]\n5", error=FileError).replace("extra", "Extra")


def test_a_file_without_a_header_is_told_to_have_none(refusal):
    assert refusal("Soup,hot,3,3\nSalad,cold,4,4\n", ".csv") == (
        "menu.csv: row 1: must have the names of the columns, name, temp, shelf_life_s, decay_rate, "
        "got 'Soup', 'hot', '3', '3'. Put a row of names above it."
    )


def test_of_a_foreign_file_the_missing_columns_are_named(refusal):
    assert refusal("Order No,Dish,Collected\n1,Soup,12:30\n", ".csv") == (
        "menu.csv: the columns name, temp, shelf_life_s, decay_rate are missing. There must be name, "
        "temp, shelf_life_s, decay_rate. There are: Order No, Dish, Collected."
    )


def test_the_keys_of_json_will_do_as_columns_and_ours_as_keys(read):
    first = read([PIZZA, SALAD])
    columns = pd.DataFrame([PIZZA, SALAD])
    assert same(read(columns.to_csv(index=False), ".csv"), first)
    assert same(Menu.from_frame(columns), first)
    assert same(read(json.loads(first.frame().to_json(orient="records"))), first)
    second = read([NEW_PIZZA, NEW_BREAD])
    assert same(read(pd.DataFrame([NEW_PIZZA, NEW_BREAD]).to_csv(index=False), ".csv"), second)


def test_a_message_has_the_names_of_the_file(refusal):
    assert refusal("id,name,temp,shelfLife,decayRate\n1,Soup,hot,-3,1\n", ".csv") == (
        "menu.csv: row 2, shelfLife: must be a number of seconds above 0, got -3."
    )


def test_two_names_of_one_column_are_refused(refusal):
    header = "name,temp,shelfLife,shelf_life_s,decay_rate\n"
    assert "shelfLife and shelf_life_s mean the same" in refusal(header, ".csv")
    order = {"name": "Soup", "temp": "hot", "shelfLife": 3, "shelf_life_s": 3, "decay_rate": 1}
    assert "shelfLife and shelf_life_s mean the same" in refusal([order])


def test_a_menu_without_orders_is_read_with_a_line(read, caplog):
    read("[]")
    (line,) = caplog.messages
    assert line.endswith("menu.json: the menu has no orders, so nothing comes.")


def test_decimal_numbers_of_a_database_are_numbers():
    table = frame(price=[Decimal("9.50"), Decimal("0")])
    assert Menu.from_frame(table).price.tolist() == [9.5, 0.0]


@pytest.mark.parametrize("wrong", [None, 3, b"", pd.DataFrame()], ids=repr)
def test_what_is_no_path_is_no_menu(wrong):
    with pytest.raises(FileError, match="cannot be the name of a menu"):
        read_orders(wrong)


def test_temps_are_coded_among_those_of_a_kitchen():
    """A kitchen may know temps that the menu lacks, in another order."""
    columns = {"name": list("abcd"), "temp": ["cold", "hot", "cold", "dry"]}
    soup = Menu.from_frame(pd.DataFrame({**columns, "shelf_life_s": 9.0, "decay_rate": 0.5}))
    assert soup.temps == ["cold", "hot", "dry"]
    assert soup.temp_codes(["hot", "frozen", "cold", "dry"]).tolist() == [2, 0, 2, 3]
    nothing = Menu.from_frame(soup.frame().iloc[:0])
    assert nothing.temps == [] and nothing.temp_codes(["hot"]).tolist() == []
