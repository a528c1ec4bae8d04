"""Tests of `spectraldb.client`."""

CUBE = "jw99003-o001_t001_miri_ch1-short_s3d.fits"
IMAGE = "jw99001-o002_s00202_nirspec_f290lp-g395m_s2d.fits"
TABLE = "jw99001-o002_s00202_nirspec_f290lp-g395m_x1d.fits"
