"""wrk with one client, and what it says of the time that half of the answers took."""

import re
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
HALF = re.compile(r"^\s+50%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)
# CSRF takes the bare secret, in the cookie and in the form alike.
TOKEN = "a" * 32

# Sends each line of a file once: an address, a tab, a form.
POSTS = """
local lines = {}
for line in io.lines("%s") do lines[#lines + 1] = line end
local sent = 0
request = function()
  sent = sent + 1
  local path, body = lines[sent]:match("([^\\t]+)\\t(.*)")
  return wrk.format("POST", path, nil, body)
end
response = function(status)
  if status ~= 302 then io.write("refused ", status, "\\n") end
end
"""


@dataclass
class Posts:
    """Forms that are each sent once; a run takes the next ones."""

    waiting: Iterator[tuple[str, dict[str, str]]]

    def script(self, count: int) -> str:
        """A wrk script that sends the next `count`."""
        chosen = [next(self.waiting) for _ in range(count)]
        with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as lines:
            for path, form in chosen:
                body = {**form, "request_key": str(uuid.uuid4()), "csrfmiddlewaretoken": TOKEN}
                lines.write(f"{path}\t{urlencode(body)}\n")
        with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as script:
            script.write(POSTS % lines.name)
        return script.name


@dataclass(frozen=True)
class Target:
    """Something to ask for; `headers` say as whom."""

    base: str
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    posts: Posts | None = None


def half_of(target: Target, seconds: int) -> float:
    """The time, in seconds, within which half of the answers came. An answer that refuses is an error."""
    command = ["wrk", "--threads=1", "--connections=1", f"--duration={seconds}s", "--latency"]
    for name, value in target.headers.items():
        command += ["--header", f"{name}: {value}"]
    if target.posts is not None:
        command += ["--header", "Content-Type: application/x-www-form-urlencoded"]
        command += ["--script", target.posts.script(seconds * 400)]
    said = subprocess.run([*command, target.base + target.path], capture_output=True, text=True, check=True).stdout
    found = HALF.search(said)
    if found is None or "Non-2xx" in said or "refused" in said:
        raise RuntimeError(f"{target.path} is not answered as it should be:\n{said[:2000]}")
    return float(found[1]) * SECONDS[found[2]]
