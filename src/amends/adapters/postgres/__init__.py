"""PostgreSQL: the store, and the server that comes with Amends."""
