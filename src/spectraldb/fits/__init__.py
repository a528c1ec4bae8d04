"""The FITS standard: headers, HDUs and files. Nothing here knows JWST."""
