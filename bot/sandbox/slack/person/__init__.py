"""What people do in Slack's client: talk, press buttons, fill forms, start shortcuts and commands."""
