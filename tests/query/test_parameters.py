"""Parameters of a request: known parameters and conditions."""

import pytest

from spectraldb.errors import BadQueryError
from spectraldb.query.parameters import Parameters


def one(text: str) -> Parameters:
    """Return the parameters of a request that has only the parameter `a`."""
    return Parameters([("a", text)], ["a"])


def test_known_parameters_are_separated_from_conditions() -> None:
    parameters = Parameters([("a", "1"), ("x", "2"), ("a", "3"), ("x", "4")], ["a", "b"])
    assert parameters.texts("a") == ["1", "3"]
    assert parameters.others == [("x", "2"), ("x", "4")]
    assert parameters.has("a")
    assert not parameters.has("b")
    assert parameters.texts("b") == []


def test_single_parameter_must_be_unique() -> None:
    assert one(" 1 ").single("a") == "1"
    with pytest.raises(BadQueryError, match=r"a: Specified 2 times. Specify it once"):
        Parameters([("a", "1"), ("a", "1")], ["a"]).single("a")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("True", True),
        ("1", True),
        ("yes", True),
        ("t", True),
        ("FALSE", False),
        ("0", False),
        ("No", False),
        ("f", False),
    ],
)
def test_boolean(text: str, value: bool) -> None:
    assert one(text).boolean("a") is value


def test_absent_boolean_is_false() -> None:
    assert Parameters([], ["a"]).boolean("a") is False


@pytest.mark.parametrize("text", ["maybe", "", "2", "tr"])
def test_invalid_boolean(text: str) -> None:
    with pytest.raises(BadQueryError, match=r"a: .* is neither true nor false"):
        one(text).boolean("a")


@pytest.mark.parametrize("text", ["0", "7", str(2**63 - 1), " 12 "])
def test_integer(text: str) -> None:
    assert one(text).integer("a") == int(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1.0", "is not a whole number"),
        ("x", "is not a whole number"),
        ("", "is not a whole number"),
        ("-1", "-1 is out of range"),
        (str(2**63), "is out of range"),
    ],
)
def test_invalid_integer(text: str, message: str) -> None:
    with pytest.raises(BadQueryError, match=message):
        one(text).integer("a")
