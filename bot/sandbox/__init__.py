"""The demo workspace: local stand-ins for Slack and for customers, so that everything can be tried with no account."""
