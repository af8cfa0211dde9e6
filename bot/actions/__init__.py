"""What happens when somebody presses, submits or writes: one table of handlers for every surface."""
