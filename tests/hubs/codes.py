"""The application on someone's telephone."""

import base64
import hashlib
import hmac
import re
import struct
import time

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse


def code_of(secret: str, *, turns: int = 0) -> str:
    """The code that the application shows now, or `turns` of half a minute later (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + turns)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def link_application(browser: Client) -> tuple[str, HttpResponse]:
    """Links one as its page says: its key, and the page that comes after."""
    page = browser.get(reverse("mfa_activate_totp"))
    secret = re.search(r">([A-Z2-7]{32})<", page.text)[1]
    return secret, browser.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
