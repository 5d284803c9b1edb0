"""The stories that are played, by what they are about. Each is one order's script."""
