"""What the worker does with the letters that wait."""

from hubs.scope import open_hub
from members.models import Letter
from members.tasks import render_letter


def make_papers(hub):
    with open_hub(hub):
        for letter in Letter.objects.order_by("pk"):
            render_letter(run_id=0, letter_id=letter.pk)
