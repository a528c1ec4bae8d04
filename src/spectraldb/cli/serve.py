"""The command `serve`, which starts a server."""

from typing import Annotated

import typer

from spectraldb.cli.open_service import open_service
from spectraldb.cli.options import LakeOption, default, example

app = typer.Typer()


@app.command(epilog=example("spectraldb serve --port 8000"))
def serve(
    host: Annotated[
        str | None, typer.Option(help=f"Address to listen on. \\[default: {default('host')}]")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help=f"Port to listen on. \\[default: {default('port')}]")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Number of server processes. \\[default: {default('processes')}]"
        ),
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            help=f"Engine that runs searches: duckdb or spark. \\[default: {default('engine')}]"
        ),
    ] = None,
    spark: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Address of Spark Connect, as in sc://host:port."),
    ] = None,
    lake: LakeOption = None,
) -> None:
    """Start a server with the API, its documentation and a web page."""
    from spectraldb.api.server import run_server  # noqa: PLC0415 - other commands do not need it

    settings = {
        "host": host,
        "port": port,
        "processes": processes,
        "engine": engine,
        "spark": spark,
    }
    with open_service(lake, create=True, **settings) as service:
        run_server(service)
