"""The team's side: cards, actions, surfaces; puts the house together."""
