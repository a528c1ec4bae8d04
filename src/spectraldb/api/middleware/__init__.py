"""The middleware of the API, one class a file.

The event loop of a process calls all of them, and no thread does: what a middleware counts needs no
lock. Processes that share a socket have a middleware each.
"""
