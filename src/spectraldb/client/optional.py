"""Packages that only some of the client's functions need."""

from importlib import import_module
from typing import Any


def need(module: str, extra: str = "") -> Any:
    """Return a module.

    Raises
    ------
    ModuleNotFoundError
        If its package is not installed; the message says how to.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.split(".", maxsplit=1)[0]
        if error.name is None or not error.name.startswith(package):
            raise
        what = f"'spectraldb[{extra}]'" if extra else package
        raise ModuleNotFoundError(
            f"this needs {package}: install it with pip install {what}", name=package
        ) from error
