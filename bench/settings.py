"""The site as it runs, with one page more: the empty one."""

from coursive.settings import *  # noqa: F403
from coursive.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] += [BASE_DIR / "bench" / "templates"]
