"""Every revision of the tables; the first makes them all."""
