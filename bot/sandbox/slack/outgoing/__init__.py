"""Everything Slack sends to an app: events, interactions and commands, over signed HTTP or Socket Mode."""
