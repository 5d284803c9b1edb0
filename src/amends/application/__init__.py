"""What happens: commands in, events out, one transaction a batch."""
