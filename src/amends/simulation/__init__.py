"""A marketplace with simulated people, for the sandbox, tests and figures."""
