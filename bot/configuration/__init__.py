"""Reads the configuration file: what may stand in it, what must fit together, and how to mend what does not."""
