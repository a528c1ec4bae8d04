"""Tables of the command line."""

from collections.abc import Callable
from enum import Enum
from typing import Any

import typer

from spectraldb.cli import app
from tests.support.docs_tables.markdown import code, table


def commands() -> dict[str, Any]:
    """Return the commands by name."""
    group: Any = typer.main.get_command(app)
    return dict(group.commands)


def commands_table() -> str:
    """Return the table of the commands."""
    rows = ((f"[`{n}`](#{n})", str(c.help).split("\n", 1)[0]) for n, c in commands().items())
    return table(("command", "description"), rows)


def _plain(text: str | None) -> str:
    """Return a help text without the backslashes that escape brackets from markup."""
    return (text or "").replace("\\[", "[")


def command_table(command: Any) -> Callable[[], str]:
    """Return a generator of the usage, arguments and options of a command."""

    def make() -> str:
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = [f"{p.name.upper()}{'...' if p.nargs == -1 else ''}" for p in arguments]
        usage = [u if p.required else f"[{u}]" for u, p in zip(usage, arguments, strict=True)]
        head = " ".join(["spectraldb", command.name, "[OPTIONS]", *usage])
        rows = [(code(u), _plain(p.help)) for u, p in zip(usage, arguments, strict=True)]
        rows += [
            (code(*p.opts), _option_help(p))
            for p in command.params
            if p.param_type_name == "option"
        ]
        return f"    {head}\n\n" + table(("argument or option", "description"), rows)

    return make


def _option_help(option: Any) -> str:
    choices = type(option.default) if isinstance(option.default, Enum) else ()
    values = f" One of {code(*(str(c.value) for c in choices))}." if choices else ""
    variable = f" Or `{option.envvar}`." if option.envvar else ""
    return f"{_plain(option.help)}{values}{variable}"
