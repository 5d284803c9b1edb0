"""Everything in this process's memory: for tests, the policy lab and simulations. It ends with the process."""
