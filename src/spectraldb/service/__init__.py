"""What Spectral DB does, for the API, the command line and the client."""
