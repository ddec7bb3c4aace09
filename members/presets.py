"""What a new hub starts with: its colleges. Names come from seed S1, lines 94-101."""

COLLEGES: dict[str, tuple[str, ...]] = {
    "la-coursive": ("Structures membres", "Partenaires", "Personnes qualifiées"),
    "petit-pole": ("Structures membres",),
}
