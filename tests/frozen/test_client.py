"""The client: names, signatures without annotations, and attributes of its public classes."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import spectraldb
from spectraldb import SpectralDB
from tests.frozen.adapter import client_classes, error_classes
from tests.frozen.recorded import check

X1D = "jw99008-o001_t001-s000000001_nirspec_f100lp-g140m-s1600a1_x1d.fits"
SPECIAL = ("__bool__", "__enter__", "__exit__", "__getitem__", "__iter__", "__len__")
MADE_BY_CLIENT = ("ProductData", "Retrieved", "Search")
"""Classes that only the client creates, so their constructors may change."""


def test_client(lake: Path) -> None:
    with SpectralDB(lake, progress=False) as db:
        product = db.retrieve(X1D)
        several = db.retrieve([X1D, "nosuch.fits"])
        instances = (db, db.search(flux=1), product, product.columns["flux"], several, several[1])
        attributes = {type(each).__name__: _attributes(each) for each in instances}
    classes = client_classes()
    assert set(attributes) == set(classes)
    found = {
        name: {
            "signature": None if name in MADE_BY_CLIENT else _signature(value),
            "members": _members(value),
            "attributes": attributes[name],
        }
        for name, value in sorted(classes.items())
    }
    check("client", {"spectraldb": sorted(spectraldb.__all__), "classes": found})


def test_errors() -> None:
    check("client_errors", {name: _error(e) for name, e in sorted(error_classes().items())})


def _error(error: type[BaseException]) -> dict[str, Any]:
    bases = [base.__name__ for base in error.__mro__[1:] if base is not object]
    return {"bases": bases, "status": getattr(error, "status", None)}


def _attributes(instance: object) -> list[str]:
    """Return the public attributes that an instance has in addition to those of its class."""
    return sorted(n for n in vars(instance) if n[0] != "_" and not hasattr(type(instance), n))


def _members(value: type[Any]) -> dict[str, str]:
    """Return the public members with their signatures, or `property`."""
    names = [name for name in dir(value) if not name.startswith("_")]
    special = [name for name in SPECIAL if hasattr(value, name)]
    return {name: _member(inspect.getattr_static(value, name)) for name in names + special}


def _member(member: Any) -> str:
    if isinstance(member, staticmethod | classmethod):
        return f"{type(member).__name__} {_signature(member.__func__)}"
    # Whether a property is cached is an implementation detail.
    return _signature(member) if callable(member) else "property"


def _signature(function: Callable[..., Any]) -> str:
    """Return names, kinds and defaults of the parameters."""
    signature = inspect.signature(function)
    bare = map(_bare, signature.parameters.values())
    return str(signature.replace(parameters=list(bare), return_annotation=signature.empty))


def _bare(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter without annotation, and without the name of a positional-only one."""
    unwritten: dict[Any, str] = {parameter.VAR_POSITIONAL: "args", parameter.VAR_KEYWORD: "kwargs"}
    name = unwritten.get(parameter.kind, parameter.name)
    return parameter.replace(name=name, annotation=parameter.empty)
