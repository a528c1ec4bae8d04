"""The ranges of each spectrum are those of its stored pixels, exactly."""

from pathlib import Path

import duckdb
import pytest

from spectraldb.query.sql.expressions import COMPUTED
from spectraldb.schema.columns import RANGED
from spectraldb.schema.tables import Table
from spectraldb.service.service import Service


def reading(service: Service, table: Table) -> str:
    return f"read_parquet('{Path(service.lake.folder) / table.value}/*/*.parquet')"


@pytest.mark.parametrize("lake_name", ["real", "layouts"])
@pytest.mark.parametrize("name", [column.name for column in RANGED])
def test_ranges_are_those_of_the_stored_pixels(
    lake_name: str, name: str, request: pytest.FixtureRequest
) -> None:
    service: Service = request.getfixturevalue(lake_name)
    value = COMPUTED.get(name, name)
    query = f"""
        with told as (
            select productId, spectrum, min({value}) as low, max({value}) as high
            from {reading(service, Table.PIXEL)} s group by all
        )
        select count(*), count(low), count(*) filter (
            c.{name}Low is distinct from low or c.{name}High is distinct from high)
        from {reading(service, Table.SPECTRUM)} c left join told using (productId, spectrum)
    """
    total, with_value, wrong = duckdb.connect().execute(query).fetchall()[0]
    assert total >= with_value > 0
    assert wrong == 0
