"""Whole journeys, front door to front door, in a real browser."""
