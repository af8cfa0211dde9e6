"""Connectors of social networks and messengers, one file each."""
