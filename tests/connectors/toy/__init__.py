"""A connector that nobody needs: it shows that a new one is a module, its tests with payloads, and a manifest entry."""
