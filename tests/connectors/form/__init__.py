"""Tests of the contact form."""
