"""Other people's words: which language they are in, and what they say in another."""
