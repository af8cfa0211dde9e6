"""The sandbox's page and its customers: by their own doors, and in a real browser."""
