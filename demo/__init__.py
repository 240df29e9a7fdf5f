"""A fictional region, built through the same actions as the real ones."""
