"""The team's side with its real parts: desk, noticeboard, router, and Slack's side in a stand-in workspace."""
