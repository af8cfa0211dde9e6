"""Tests of the stand-in of Slack, with the real slack_sdk and slack_bolt."""
