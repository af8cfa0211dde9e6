"""The tests, mirroring the packages they are about."""
