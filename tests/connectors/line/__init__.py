"""Tests of the LINE connector."""
