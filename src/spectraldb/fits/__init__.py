"""The FITS standard: headers, HDUs and files. Independent of JWST."""
