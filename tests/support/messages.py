"""All messages of the package: those of its exceptions and those that its commands print.

`tests/messages.txt` lists them, so that they can be read in one sitting. After a change of a
message, write it again:

    SPECTRALDB_TEST_RECORD=1 .venv/bin/python -m pytest tests/test_messages.py
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "spectraldb"
NOT_FOR_USERS = frozenset(
    {
        "AttributeError",
        "AssertionError",
        "FileNotFoundError",
        "KeyError",
        "ModuleNotFoundError",
        "TypeError",
    }
)
"""Exceptions that report faults of the code, or that the package itself catches."""
_PRINTERS = ("print", "exit")
_VARIABLES = ("message", "problem", "hint", "note", "summary")
"""Variables that hold a message, and last words of functions that return one."""


@dataclass(frozen=True, order=True)
class Message:
    """A message, with its variable parts in braces."""

    file: str
    line: int
    kind: str
    """The exception, `print`, or `answer` for the message of an answer."""
    text: str


@cache
def messages() -> list[Message]:
    """Return all messages, ordered by file and line."""
    found = set()
    trees = {path: ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
    imported = {name: text for tree in trees.values() for name, text in _constants(tree)}
    for path, tree in trees.items():
        constants = imported | dict(_constants(tree))
        file = path.relative_to(PACKAGE).as_posix()
        for line, kind, expression in (*_calls(tree), *_answers(tree)):
            for text in _texts(expression, constants):
                found.add(Message(file, line, kind, " ".join(text.split())))
    return sorted(found)


def _calls(tree: ast.Module) -> Iterator[tuple[int, str, ast.expr]]:
    """Yield the line, the kind and the message of exceptions and printed lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (kind := _kind(node)) and node.args:
            yield node.lineno, kind, node.args[0]


def _answers(tree: ast.Module) -> Iterator[tuple[int, str, ast.expr]]:
    """Yield the line, the kind and the text of messages of answers."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _VARIABLES:
                yield node.lineno, "answer", value
            case ast.keyword(arg="message", value=value):
                yield value.lineno, "answer", value
            case ast.FunctionDef(name=name) if name.endswith(_VARIABLES):
                for each in ast.walk(node):
                    if isinstance(each, ast.Return) and each.value is not None:
                        yield each.lineno, "answer", each.value
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict(values=values)):
                if name.endswith("_MESSAGES"):
                    for each in values:
                        yield each.lineno, "answer", each


def _kind(call: ast.Call) -> str:
    """Return the exception that a call creates, `print` if it prints, or an empty text."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in NOT_FOR_USERS:
        return ""
    if name.endswith("Error") and name[0].isupper():
        return name
    return "print" if name in _PRINTERS else ""


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names and values of the texts that a module defines."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            for text in _texts(node.value, {}):
                yield node.targets[0].id, text


def _texts(node: ast.expr, constants: dict[str, str]) -> list[str]:
    """Return the texts that an expression can have, or an empty list if it is not text."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body, constants) + _texts(node.orelse, constants)
    if isinstance(node, ast.Name):
        return [constants[node.id]] if node.id in constants else []
    if isinstance(node, ast.BinOp):
        left = _texts(node.left, constants) or ["{" + _name(node.left) + "}"]
        right = _texts(node.right, constants) or ["{" + _name(node.right) + "}"]
        return [a + b for a in left for b in right]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if " " in node.value.strip() else []
    if isinstance(node, ast.JoinedStr):
        text = "".join(_part(part, constants) for part in node.values)
        return [text] if any(isinstance(part, ast.Constant) for part in node.values) else []
    return []


def _part(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    if isinstance(node.value, ast.Name) and node.value.id in constants:
        return constants[node.value.id]
    return "{" + _name(node.value) + "}"


def _name(node: ast.expr) -> str:
    """Return a short name of an expression, for the reader of a message."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name.strip("_")
        case ast.Call(func=ast.Name(id="counted"), args=[number, noun, *_]):
            return f"{_name(number)} {ast.literal_eval(noun)}s"
    inner = _inner(node)
    return _name(inner) if inner is not None else "..."


def _inner(node: ast.expr) -> ast.expr | None:
    """Return the part of an expression that names it best."""
    match node:
        case ast.Call(func=ast.Attribute(attr="join"), args=[inner]):
            return inner
        case ast.Call(func=ast.Name(id="len" | "sorted" | "repr" | "decimal"), args=[inner, *_]):
            return inner
        case (
            ast.Call(func=inner)
            | ast.BoolOp(values=[inner, *_])
            | ast.BinOp(left=inner)
            | ast.Subscript(value=inner)
            | ast.GeneratorExp(elt=inner)
            | ast.ListComp(elt=inner)
        ):
            return inner
    return None


def table() -> str:
    """Return the table of all messages: a heading for each file, a line for each message."""
    lines = []
    file = ""
    for message in messages():
        if message.file != file:
            file = message.file
            lines += ["", f"## {file}", ""]
        lines.append(f"{message.kind:<18} {message.text}")
    return "\n".join(lines).lstrip("\n") + "\n"
