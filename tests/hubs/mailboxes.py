"""Mail servers that do not take the message."""

from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from hubs.enums import MailState
from hubs.models import Mail


class Closed(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("Connexion refusée")


class Confused(BaseEmailBackend):
    def send_messages(self, messages):
        raise ValueError("réponse incomprise")


class Slow(BaseEmailBackend):
    """So slow that two minutes later another worker has taken the message and settled it; then it fails."""

    def send_messages(self, messages):
        Mail.objects.update(state=MailState.SENT, tries=2, sent_at=timezone.now())
        raise TimeoutError("pas de réponse")
