"""Everything in this process's memory: for tests and simulations. It ends with the process."""
