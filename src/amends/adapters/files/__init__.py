"""Files: where their bytes lie, and the process that looks into them."""
