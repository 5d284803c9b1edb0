"""Figures of speed and scale, each beside a yardstick measured in the same run."""
