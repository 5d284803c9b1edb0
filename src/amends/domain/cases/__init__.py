"""Cases: one request about some units of one order, from opening to its end."""
