"""The team's side in Slack: draws cards and forms, reads presses and words, and keeps Slack's rules."""
