"""What a wrong value in a file is answered with."""

import pytest

import kitchen.model.strategy
import kitchen.sweeps.study_file  # noqa: F401  (the models of all files that users write)
from kitchen import KitchenError, Scenario
from kitchen.utils.schema import Strict


@pytest.mark.parametrize("value", ["mean", "Did you mean", "Did you mean 'held'?", "meant?"])
@pytest.mark.parametrize("path", ["expired_orders", "orders.sampling"])
def test_no_word_of_a_value_can_confuse_its_hint(path, value):
    with pytest.raises(KitchenError) as refusal:
        Scenario.load("rush").replace({path: value})
    assert f"{path}: must be one of " in str(refusal.value)
    assert f"got {value!r}." in str(refusal.value) or f'got "{value}".' in str(refusal.value)


def test_a_value_that_is_nearly_right_is_answered_with_the_right_one():
    with pytest.raises(KitchenError, match=r"got 'hold'\. Did you mean 'held'\?$"):
        Scenario.load("rush").replace({"expired_orders": "hold"})


@pytest.mark.parametrize("value", [True, 3, ["held"], {"held": 1}, None])
def test_a_value_of_another_type_has_no_hint(value):
    with pytest.raises(KitchenError) as refusal:
        Scenario.load("rush").replace({"expired_orders": value})
    assert "Did you mean" not in str(refusal.value)


def models(model=Strict):
    """All models of files that users write."""
    return [found for sub in model.__subclasses__() for found in (sub, *models(sub))]


def test_every_key_of_every_file_that_users_write_is_described():
    """The reference of keys and the help of the page are made from these texts."""
    assert {"Scenario", "Shelf", "Lognormal", "_Settings"} <= {m.__name__ for m in models()}
    for model in models():
        for key, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{key}"
            assert field.description.endswith("."), f"{model.__name__}.{key}"
