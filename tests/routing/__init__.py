"""Tests of what decides without touching anything."""
