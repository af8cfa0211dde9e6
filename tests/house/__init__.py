"""Tests about the house: what must hold everywhere."""
