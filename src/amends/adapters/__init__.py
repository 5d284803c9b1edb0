"""What Amends talks to: a database, payment providers, carriers, mail, files."""
