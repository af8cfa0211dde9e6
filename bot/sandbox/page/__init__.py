"""The page of the demo workspace: the team's side and the customers' side of the counter, in one browser window."""
