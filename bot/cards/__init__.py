"""What the team sees and is asked, in a neutral model that every surface draws."""
