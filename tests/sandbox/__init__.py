"""Tests of the sandbox: the stand-ins are themselves held to the vendors' rules."""
