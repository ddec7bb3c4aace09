"""The documents that structures and people give the hub: asked for, deposited, read, and renewed in time."""
