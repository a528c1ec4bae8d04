"""The rival server: the same framework and response, made with astropy and `json.dumps`.

`python -m bench.rival FOLDER PORT` serves the products of a folder.
"""

import json
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, HTTPException, Response

from bench.reading import read_product

MEDIA_TYPE = "application/json"


def create_app(folder: Path) -> FastAPI:
    """Return an application with `retrieve`, and `bytes`, which measures the framework alone."""
    app = FastAPI()
    paths = {path.name: path for path in folder.rglob("*.fits")}
    ready: dict[int, bytes] = {}

    @app.get("/retrieve")
    def retrieve(filename: str) -> Response:
        if filename not in paths:
            raise HTTPException(404)
        text = json.dumps(read_product(paths[filename]), separators=(",", ":"))
        return Response(text, media_type=MEDIA_TYPE)

    @app.get("/bytes")
    def ready_made(size: int) -> Response:
        body = ready.setdefault(size, b" " * size)
        return Response(body, media_type=MEDIA_TYPE)

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]))
