"""Tracking: what a number can be, what a trace shows, and what follows when a parcel does not arrive."""
