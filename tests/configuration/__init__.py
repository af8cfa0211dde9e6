"""Tests of reading the configuration file."""
