"""Packages that only some functions of the client need."""

from importlib import import_module
from typing import Any


def import_optional(module: str, extra: str = "") -> Any:
    """Return a module.

    Parameters
    ----------
    module
        Its name.
    extra
        The extra of Spectral DB that installs it, if there is one.

    Raises
    ------
    ModuleNotFoundError
        If its package is not installed; the message says how to install it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.split(".", maxsplit=1)[0]
        if error.name is None or not error.name.startswith(package):
            raise
        requirement = f"'spectraldb[{extra}]'" if extra else package
        raise ModuleNotFoundError(
            f"this needs {package}: install it with pip install {requirement}", name=package
        ) from error
