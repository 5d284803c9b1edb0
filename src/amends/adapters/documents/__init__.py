"""Documents on paper: labels, packing lists, claims to carriers."""
