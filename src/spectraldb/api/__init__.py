"""The HTTP API: handlers that read a request, call the service and send its answer."""
