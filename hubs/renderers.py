from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

from hubs import strokes


class FormRenderer(TemplatesSetting):
    """Forms from our templates, and lists of choices as strings: a thousand structures took sixty milliseconds."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> SafeString:
        if template_name == "django/forms/widgets/select.html":
            return strokes.select(context["widget"])
        return super().render(template_name, context, request)
