"""The REST API: orders, cases and what is done with them, under /v1."""
