"""The OpenAPI document: paths, parameters and schemas, without its prose."""

from typing import Any

from fastapi.testclient import TestClient

from tests.frozen.recorded import check

PROSE = {"title", "description", "summary", "example", "examples"}


def test_openapi(api: TestClient) -> None:
    document = api.get("/spectra/openapi.json").json()
    paths = {
        f"{method.upper()} {path}": _operation(operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    schemas = {name: _schema(s) for name, s in document["components"]["schemas"].items()}
    check("openapi", {"paths": paths, "schemas": schemas})


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    parameters = [
        {
            "name": p["name"],
            "in": p["in"],
            "required": p["required"],
            "schema": _schema(p["schema"]),
        }
        for p in operation.get("parameters", [])
    ]
    responses = {status: _content(response) for status, response in operation["responses"].items()}
    body = operation.get("requestBody")
    request = {} if body is None else {"body": _content(body), "required": body["required"]}
    return {"parameters": parameters, **request, "responses": responses}


def _content(message: dict[str, Any]) -> dict[str, Any]:
    return {kind: _schema(each.get("schema")) for kind, each in message.get("content", {}).items()}


def _schema(value: Any) -> Any:
    """Return a schema without prose, but keep a property named `description`."""
    if isinstance(value, list):
        return [_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {key: _schema(each) for key, each in inner.items()}
        if name == "properties"
        else _schema(inner)
        for name, inner in value.items()
        if name not in PROSE
    }
