"""The fields that a hub adds to its structures and people: defined, filled, read and exported, typed."""
