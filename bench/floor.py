"""The floors: Django's settings, addresses and views with nothing of ours. One answers, one inserts a row."""

import os
from itertools import count

from django.http import HttpRequest, HttpResponse
from django.urls import path

ROOT_URLCONF = "bench.floor"
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["*"]
MIDDLEWARE: list[str] = []
USE_TZ = True


def _database() -> dict[str, object]:
    import dj_database_url

    return dict(dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=600))


DATABASES = {"default": _database()}
_numbers = count()


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def insert(request: HttpRequest) -> HttpResponse:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (number, words) VALUES (%s, %s)", [next(_numbers), "hello"])
    return HttpResponse("hello")


urlpatterns = [path("hello", hello), path("insert", insert)]
