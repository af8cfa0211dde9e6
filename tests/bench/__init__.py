"""Measurements of our speed beside that of the plain floor below it."""
