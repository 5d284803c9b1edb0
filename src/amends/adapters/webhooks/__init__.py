"""Webhooks over HTTP, to addresses that strangers chose."""
