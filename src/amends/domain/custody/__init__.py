"""Custody: the buyer's money from capture until it is released to the seller or paid back."""
