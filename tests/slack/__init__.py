"""Tests of the Slack side, with the real slack_bolt and slack_sdk against the stand-in of Slack."""
