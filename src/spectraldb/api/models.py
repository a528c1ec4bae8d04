"""The models of responses, for OpenAPI."""

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

    status: int = Field(0, description="Always 0.")
    message: str = Field(description="What is wrong, and what to do.")


class StateModel(BaseModel):
    """The state of the server."""

    status: int = Field(default=1, description="Always 1.")
    message: str


class ColumnMetadata(BaseModel):
    """The metadata of a column."""

    dtype: str = Field(description="Type. `float` is a 64-bit number.", examples=["float"])
    description: str = Field(examples=["wavelength in vacuum"])
    units: str | None = Field(description="Unit, in a form that astropy reads.", examples=["um"])
    fitsExt: str | None = Field(  # noqa: N815 - the archive's spelling
        None, description="FITS column or extension of origin.", examples=["WAVELENGTH"]
    )
    fitsUnits: str | None = Field(  # noqa: N815 - the archive's spelling
        None, description="Unit in the file, if it is wrong or cannot be parsed."
    )
    flags: dict[str, int] | None = Field(
        None, description="Flags that a value is a sum of, by their mnemonics."
    )
    per: str | None = Field(None, description="`spectrum` if the values are in `spectra`.")


class ArraysModel(BaseModel):
    """The arrays of a product."""

    status: int = Field(1, description="Always 1.")
    message: str
    uri: str
    filename: str
    productType: str  # noqa: N815 - the archive's spelling
    column_metadata: dict[str, ColumnMetadata]
    dispersion: str | None = Field(None, description="The dispersion axis.")
    cutout: dict[str, list[int]] | None = Field(
        None, description="First and last index along each axis, in a cut-out."
    )
    wcs: dict[str, Any] | None = Field(
        None, description="FITS cards of the celestial WCS of a cube or cut-out."
    )
    pixelArea: float | None = Field(  # noqa: N815 - like the other fields
        None, description="Solid angle of a spaxel in sr, by which sums of a cube are multiplied."
    )
    spectra: list[dict[str, Any]] | None = Field(
        None, description="Metadata of each spectrum of a 1-D product, in the order of `data`."
    )
    data: dict[str, list[Any]] = Field(
        description="The arrays, with the axes of the file. NaN and infinity are null."
    )


class SearchModel(BaseModel):
    """A page of search results."""

    status: int = Field(1, description="Always 1.")
    message: str = Field(examples=["Found 1,154 pixels"])
    query: str = Field(description="The SQL that was run.")
    version: int = Field(description="The version of the lake that was searched.")
    truncated: bool = Field(description="Whether there are more results.")
    next: str | None = Field(description="URL of the next page.")
    column_metadata: dict[str, ColumnMetadata]
    results: list[dict[str, Any]] = Field(description="Pixels or products.")


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
    """The number of matching pixels."""

    status: int = Field(1, description="Always 1.")
    message: str = Field(examples=["1,154 pixels of 3 products match."])
    query: str = Field(description="The SQL that was run.")
    version: int = Field(description="The version of the lake that was searched.")
    pixels: int
    products: int


class SqlModel(BaseModel):
    """The SQL of a search."""

    status: int = Field(1, description="Always 1.")
    message: str
    query: str = Field(description="The SQL, which was not run.")
    version: int = Field(description="The version of the lake that it reads.")


class ColumnsModel(BaseModel):
    """The columns and operators of searches."""

    status: int = Field(1, description="Always 1.")
    message: str
    columns: list[dict[str, Any]] = Field(description="The columns, with their metadata.")
    operators: list[dict[str, Any]] = Field(description="The operators, each with an example.")


class LineModel(BaseModel):
    """A spectral line."""

    name: str
    wavelength: float = Field(description="Rest wavelength in vacuum, in micron.")
    group: str
    source: str = Field(description="Source of the wavelength.")


class LinesModel(BaseModel):
    """Spectral lines and features."""

    status: int = Field(1, description="Always 1.")
    message: str
    lines: list[LineModel]


class TypeModel(BaseModel):
    """The contents of a lake by product type."""

    productType: str  # noqa: N815 - the archive's spelling
    products: int
    spectra: int
    pixels: int = Field(description="Pixels that a search can find.")


class LayoutModel(BaseModel):
    """The number of products of one layout and level."""

    layout: str = Field(examples=["pipeline"])
    level: str = Field(examples=["3"])
    products: int


class HoldingsModel(BaseModel):
    """The contents of a lake."""

    status: int = Field(1, description="Always 1.")
    message: str = Field(examples=["3 products with 4,209 pixels"])
    version: int = Field(description="The newest version of the lake.")
    products: int
    spectra: int
    pixels: int
    productTypes: list[TypeModel]  # noqa: N815 - the archive's spelling
    layouts: list[LayoutModel]
