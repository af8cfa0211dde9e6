"""Tests of the memory: both of its modes, always."""
