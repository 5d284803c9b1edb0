"""Amends: open-source buyer protection for marketplaces."""
