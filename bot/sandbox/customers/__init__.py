"""Plays the customers of the sandbox: their mailboxes, their phones, and people who write by themselves."""
