"""The middleware of the API.

Only the event loop of a process calls middleware, so its counters need no locks. Each server
process has its own instances.
"""
