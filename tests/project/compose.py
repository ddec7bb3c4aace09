"""Reads Dockerfile and docker-compose.yml, and does what an engine would, step by step, without one."""

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions() -> list[tuple[str, str]]:
    """(RUN, what follows) and so on, continuation lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line.strip()]  # type: ignore[misc]


def image_environment() -> dict[str, str]:
    words = next(rest for name, rest in instructions() if name == "ENV")
    return dict(word.split("=", 1) for word in shlex.split(words))


def runs() -> list[str]:
    return [rest for name, rest in instructions() if name == "RUN"]


def image_command() -> list[str]:
    return json.loads(next(rest for name, rest in instructions() if name == "CMD"))


class NotSet(Exception):
    pass


def interpolate(value: Any, env: Mapping[str, str]) -> Any:
    """`${NAME:?}`, `${NAME:-default}` and `$$`, as compose reads them."""
    if isinstance(value, dict):
        return {key: interpolate(each, env) for key, each in value.items()}
    if isinstance(value, list):
        return [interpolate(each, env) for each in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        if not env.get(match["name"]) and match["mark"] == "?":
            raise NotSet(match["name"])
        return env.get(match["name"]) or match["default"]

    return re.sub(r"\$\$|\$\{(?P<name>\w+):(?P<mark>[?-])(?P<default>[^}]*)\}", replace, value)


def service(name: str, env: Mapping[str, str]) -> dict[str, Any]:
    return interpolate(SERVICES[name], env)


def words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else command


def what_the_image_copies() -> list[str]:
    """Tracked files that .dockerignore lets in."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    left_out = {line for line in lines if line and not line.startswith("#")}
    return [
        path
        for path in listed
        if path and not path.startswith(".") and path.split("/")[0] not in left_out and (ROOT / path).exists()
    ]
