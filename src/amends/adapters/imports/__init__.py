"""Readers of order files other marketplaces and shops publish."""
