"""The demo: a Slack-like workspace, its customers, and the real program between them, on this machine only."""
