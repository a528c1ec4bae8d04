"""The middleware of the API, one class a file."""
