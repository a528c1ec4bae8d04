"""Products of JWST: readers of FITS files of every layout. Nothing here knows a database."""
