"""VOTables of results are valid, with units, UCDs and descriptions."""

import io

from astropy.io.votable import parse_single_table, validate
from fastapi.testclient import TestClient

SEARCH = "/spectra/api/v0.1/search"
QUERY = (
    "product=all&wavelength=3,15&flux.gt=0&limit=500"
    "&columns=uri,spectrum,good,dq,fluxErr,targetName,surfBright,ra"
)


def test_table_is_valid(each_api: TestClient) -> None:
    content = each_api.get(f"{SEARCH}.votable?{QUERY}").content
    report = io.StringIO()
    assert validate(io.BytesIO(content), output=report), report.getvalue()
    fields = {field.name: field for field in parse_single_table(io.BytesIO(content)).fields}
    assert str(fields["wavelength"].unit) == "um"
    assert fields["ra"].ucd == "pos.eq.ra;meta.main"
    assert fields["ra"].description
