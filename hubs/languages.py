"""Which language words are in.

A page speaks the language that its reader picked among those the hub offers, a mail that of its recipient. What is
kept for everyone, such as a line of an account, an invoice or the title of a run, is in the hub's own.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation

from hubs.scope import current_hub

if TYPE_CHECKING:
    from hubs.models import Hub

NAMES: dict[str, str] = dict(settings.LANGUAGES)


def spoken(hub: "Hub | None", wanted: str | None) -> str:
    """The language picked if the hub offers it, else the hub's own; where no hub is known, one of ours."""
    if hub is None:
        return wanted if wanted in NAMES else settings.LANGUAGE_CODE
    return wanted if wanted and wanted in hub.languages else hub.language


def keep(response: HttpResponse, language: str) -> None:
    """Have the browser remember its reader's language, signed in or not."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )


def of_hub() -> AbstractContextManager[None]:
    """For what is kept: the open hub's own language, whoever acts."""
    return translation.override(current_hub().language)


def of_recipient(language: str) -> AbstractContextManager[None]:
    """For a mail: the language that its recipient reads here, the hub's own when nobody knows."""
    return translation.override(spoken(current_hub(), language))
