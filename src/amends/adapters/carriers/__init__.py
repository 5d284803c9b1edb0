"""Carriers: their numbers, their rates, and one that moves parcels in the sandbox."""
