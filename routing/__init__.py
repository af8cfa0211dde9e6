"""The domain: what a ticket is and what should happen to it. Imports nobody."""
