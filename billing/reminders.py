"""The words of a reminder: what a hub writes, with a few names between braces that the portal fills in."""

import re
from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _

PLACEHOLDERS = {
    "compte": _("le nom de la structure ou de la personne"),
    "total": _("ce qui est en retard"),
    "depuis": _("la plus ancienne échéance manquée"),
    "pole": _("le nom du pôle"),
}
_BRACES = re.compile(r"\{([^{}]*)\}")


def unknown_placeholders(text: str, allowed: Collection[str] = PLACEHOLDERS.keys()) -> list[str]:
    """Names between braces that mean nothing, and braces that stand alone, as they were typed."""
    names = [f"{{{name}}}" for name in _BRACES.findall(text) if name not in allowed]
    return names + sorted(set(re.findall(r"[{}]", _BRACES.sub("", text))))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its names replaced, once: a value that holds braces is left as it is."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), text)
