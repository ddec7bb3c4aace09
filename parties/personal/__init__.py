"""What the hub holds about a person: shown to them, exported, erased, and kept no longer than its time."""
