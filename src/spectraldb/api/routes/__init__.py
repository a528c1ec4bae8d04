"""The routes of the API, one router for each group of endpoints."""
