"""What we declare: to Slack, about our channels, and how to deploy (data, no code)."""
