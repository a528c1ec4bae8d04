"""Fill a lake from the archive (MAST): queries, plans, downloads and renamed products."""
