from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST = 10 * 1024 * 1024
# By their first bytes: a name says nothing of what a file holds.
KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class UploadForm(forms.Form):
    """A form with one file, named by `upload`: cleaned to its bytes, its name and its type as the bytes tell it."""

    upload = ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file = data.pop(self.upload, None)
        if file is None:
            return data
        if file.size > MOST:
            self.add_error(self.upload, _("Ce fichier dépasse 10\u00a0Mo."))
            return data
        content = file.read()
        kind = next((kind for start, kind in KINDS.items() if content.startswith(start)), "")
        if not kind:
            self.add_error(self.upload, _("Déposez un PDF, une image JPEG ou PNG."))
        return data | {"content": content, "content_type": kind, "name": file.name}
