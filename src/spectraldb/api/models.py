"""The shapes of answers, for OpenAPI."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from spectraldb.query.match import MATCH_PARAMETERS


class ErrorAnswer(BaseModel):
    """Any error."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": 0,
                "message": "Unknown column 'derSNR'. Did you mean 'derSnr'?",
            }
        }
    )

    status: int = Field(0, description="always 0")
    message: str = Field(description="what is wrong, and what to do")


class StateModel(BaseModel):
    """How the server is."""

    status: int = Field(default=1, description="always 1")
    message: str


class ColumnMetadata(BaseModel):
    """What a column is."""

    dtype: str = Field(description="type; `float` is a 64-bit number", examples=["float"])
    description: str = Field(examples=["wavelength in vacuum"])
    units: str | None = Field(description="unit, in a form astropy reads", examples=["um"])
    fitsExt: str | None = Field(  # noqa: N815 - the archive's spelling
        None, description="FITS column or extension that it came from", examples=["WAVELENGTH"]
    )
    fitsUnits: str | None = Field(  # noqa: N815 - the archive's spelling
        None, description="what the file says, where that is wrong or unreadable"
    )
    per: str | None = Field(None, description="`spectrum` where `spectra` lists the values")


class ArraysModel(BaseModel):
    """The arrays of a product."""

    status: int = Field(1, description="always 1")
    message: str
    uri: str
    filename: str
    productType: str  # noqa: N815 - the archive's spelling
    column_metadata: dict[str, ColumnMetadata]
    dispersion: str | None = Field(None, description="the axis along which wavelength runs")
    cutout: dict[str, list[int]] | None = Field(
        None, description="first and last index along each axis, where a part was asked for"
    )
    wcs: dict[str, Any] | None = Field(
        None, description="FITS cards of the celestial axes of a cube, as of the part that is sent"
    )
    spectra: list[dict[str, Any]] | None = Field(
        None, description="what each spectrum of a 1-D product is, in the order of `data`"
    )
    data: dict[str, list[Any]] = Field(
        description="the arrays, nested as the file's are; NaN and infinity are null"
    )


class SearchModel(BaseModel):
    """A page of search results."""

    status: int = Field(1, description="always 1")
    message: str = Field(examples=["Found 1,154 pixels"])
    query: str = Field(description="the SQL that ran")
    version: int = Field(description="the version of the lake that was searched")
    truncated: bool = Field(description="whether there are more results than these")
    next: str | None = Field(description="URL of the following page")
    column_metadata: dict[str, ColumnMetadata]
    results: list[dict[str, Any]] = Field(description="a pixel each, or a product each")


class MatchModel(BaseModel):
    """Positions to match."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"example": {"ra": [345.62], "dec": [8.91], "radius": "1arcsec"}},
    )

    ra: list[float | None] = Field(description=MATCH_PARAMETERS["ra"])
    dec: list[float | None] = Field(description=MATCH_PARAMETERS["dec"])
    radius: str | float = Field(description=MATCH_PARAMETERS["radius"])
    product: str = Field("all", description=MATCH_PARAMETERS["product"])
    spectra: bool = Field(default=False, description=MATCH_PARAMETERS["spectra"])


class CountModel(BaseModel):
    """How many pixels match."""

    status: int = Field(1, description="always 1")
    message: str = Field(examples=["1,154 pixels of 3 products match."])
    query: str = Field(description="the SQL that ran")
    version: int = Field(description="the version of the lake that was searched")
    pixels: int
    products: int


class SqlModel(BaseModel):
    """What a search would run."""

    status: int = Field(1, description="always 1")
    message: str
    query: str = Field(description="the SQL, which was not run")
    version: int = Field(description="the version of the lake that it would read")


class ColumnsModel(BaseModel):
    """The vocabulary."""

    status: int = Field(1, description="always 1")
    message: str
    columns: list[dict[str, Any]] = Field(description="the columns, each with what it is")
    operators: list[dict[str, Any]] = Field(description="the operators, each with an example")


class LineModel(BaseModel):
    """A spectral line."""

    name: str
    wavelength: float = Field(description="rest wavelength in vacuum, in micron")
    group: str
    source: str = Field(description="where the wavelength is from")


class LinesModel(BaseModel):
    """Spectral lines and features."""

    status: int = Field(1, description="always 1")
    message: str
    lines: list[LineModel]


class TypeModel(BaseModel):
    """What a lake holds of one type of product."""

    productType: str  # noqa: N815 - the archive's spelling
    products: int
    spectra: int
    pixels: int = Field(description="those that a search can find")


class HoldingsModel(BaseModel):
    """What a lake holds."""

    status: int = Field(1, description="always 1")
    message: str = Field(examples=["3 products with 4,209 pixels"])
    version: int = Field(description="the newest version of the lake")
    products: int
    spectra: int
    pixels: int
    productTypes: list[TypeModel]  # noqa: N815 - the archive's spelling
