"""FITS tables of results are valid, with units and UCDs."""

import io

from astropy.io import fits
from fastapi.testclient import TestClient

SEARCH = "/spectra/api/v0.1/search"
QUERY = (
    "product=all&wavelength=3,15&flux.gt=0&limit=500"
    "&columns=uri,spectrum,good,dq,fluxErr,targetName,surfBright,ra"
)


def test_table_is_valid(each_api: TestClient) -> None:
    content = each_api.get(f"{SEARCH}.fits?{QUERY}").content
    assert len(content) % 2880 == 0
    with fits.open(io.BytesIO(content)) as hdus:
        hdus.verify("exception")
        header = hdus["PIXELS"].header
        number = {header[f"TTYPE{i}"]: i for i in range(1, header["TFIELDS"] + 1)}
        assert header[f"TUNIT{number['wavelength']}"] == "um"
        assert header[f"TUCD{number['wavelength']}"] == "em.wl"
        assert len(hdus["PIXELS"].data) == 500
