"""The operations of Spectral DB, for the API, the command line and the client."""
