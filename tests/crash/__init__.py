"""Kills the whole program with SIGKILL at named points, under load, and proves that nothing was lost or doubled."""
