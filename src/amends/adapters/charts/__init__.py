"""Charts drawn by Altair in a process of its own: its libraries would triple a server's memory."""
