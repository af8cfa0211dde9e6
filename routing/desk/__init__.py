"""The desk: every use case, one method each, one transaction each."""
