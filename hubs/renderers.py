from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

from hubs import strokes

FOLDER = "django/forms/widgets/"
INPUTS = {
    f"{FOLDER}{name}.html"
    for name in (
        "checkbox",
        "date",
        "datetime",
        "email",
        "hidden",
        "input",
        "number",
        "password",
        "search",
        "tel",
        "text",
        "time",
        "url",
    )
}


class FormRenderer(TemplatesSetting):
    """Forms from our templates; what they have most of, as strings: a thousand choices took sixty milliseconds."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        if template_name == f"{FOLDER}select.html":
            return strokes.select(context["widget"])
        if template_name in INPUTS:
            return strokes.control(context["widget"])
        return super().render(template_name, context, request)
