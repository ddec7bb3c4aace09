"""Mail servers that do not take the message."""

from django.core.mail.backends.base import BaseEmailBackend


class Closed(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("Connexion refusée")


class Confused(BaseEmailBackend):
    def send_messages(self, messages):
        raise ValueError("réponse incomprise")
