"""The ground of each preset; what belongs to an app (scale, rooms, prices) is in that app's presets."""

from dataclasses import dataclass

from hubs.enums import LegalForm, SecondFactor


@dataclass(frozen=True)
class Preset:
    name: str
    tagline: str
    accent: str
    modules: tuple[str, ...]
    languages: tuple[str, ...] = ("fr",)
    legal_form: LegalForm = LegalForm.ASSOCIATION
    contact_email: str = ""
    second_factor: SecondFactor = SecondFactor.STAFF


PRESETS = {
    # Seeds S0 and S1: Dijon, quartier des Grésilles.
    "la-coursive": Preset(
        name="La Coursive Boutaric",
        tagline="Le pôle de coopération culturel et créatif du Grand Dijon, au cœur du quartier des Grésilles.",
        accent="#c2361b",
        modules=("billing", "governance", "members", "spaces"),
        languages=("fr", "en"),
        contact_email="contact@la-coursive.example",
    ),
    "petit-pole": Preset(
        name="Le Petit Pôle",
        tagline="Un lieu, quelques structures, des bureaux et une salle à partager.",
        accent="#1b6e53",
        modules=("billing", "governance", "members", "spaces"),
    ),
}
