"""The Web API: one file for each area of methods."""
