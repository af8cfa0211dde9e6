"""What Slack's own client would do, offered to the sandbox's page over JSON and one WebSocket."""
