"""The image and its services, checked by what can be run without an engine."""

import contextlib
import http.client
import http.cookiejar
import os
import re
import secrets
import shutil
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursive import servers
from tests.instances import eventually, free_port
from tests.project import compose
from tests.project.compose import ROOT

SECRETS = {
    name: secrets.token_hex(32)
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "VALKEY_PASSWORD")
}
ENV = SECRETS | {
    "COURSIVE_HOST": "pole.example",
    "COURSIVE_HOSTS": "pole.example, nord.pole.example",
    "EMAIL_HOST": "smtp.example",
    "DEFAULT_FROM_EMAIL": "portail@pole.example",
}
OURS = ("migrate", "web", "worker", "beat")


def check_deploy(**environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr if done.returncode else ""


def test_the_production_settings_have_nothing_to_reproach(tmp_path):
    given = compose.image_environment() | compose.service("web", ENV)["environment"] | {"COURSIVE_DATA": str(tmp_path)}

    assert check_deploy(**given) == ""
    # The check does look: a key that anybody could guess is told.
    assert "security.W009" in check_deploy(**given | {"SECRET_KEY": "short"})


@pytest.mark.parametrize("name", sorted({*SECRETS, "COURSIVE_HOST", "EMAIL_HOST", "DEFAULT_FROM_EMAIL"}))
def test_nothing_starts_without_what_has_no_default(name):
    given = {key: text for key, text in ENV.items() if key != name}

    with pytest.raises(compose.NotSet, match=name):
        compose.interpolate(compose.SERVICES, given)


def test_only_migrations_hold_the_owner_and_no_secret_is_written_in_the_files():
    services = {name: compose.service(name, ENV) for name in compose.SERVICES}

    holders = {name for name, service in services.items() if SECRETS["OWNER_PASSWORD"] in str(service)}
    assert holders == {"postgres", "migrate"}
    assert not re.search(
        r"^ *\w*(PASSWORD|SECRET_KEY|TOKEN|AUTH): *[^$\s]", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE
    )


@pytest.mark.parametrize("name", OURS)
def test_our_containers_are_held_short(name):
    service = compose.service(name, ENV)

    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    steps = [step for step, _rest in compose.instructions()]
    assert steps.index("USER") < steps.index("CMD")


def test_each_service_that_lasts_is_watched_and_given_time_to_end():
    watched = {name for name, service in compose.SERVICES.items() if "healthcheck" in service}
    assert watched == {"postgres", "valkey", "web", "worker", "beat"}
    patient = {name: service.get("stop_grace_period") for name, service in compose.SERVICES.items()}
    assert (patient["web"], patient["worker"], patient["postgres"]) == ("40s", "60s", "60s")


def test_volumes_are_declared_and_the_image_owns_those_that_it_writes():
    used = {
        volume.split(":")[0]
        for service in compose.SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    written = {volume.split(":")[1] for name in OURS for volume in compose.SERVICES[name].get("volumes", [])}
    assert used == set(compose.COMPOSE["volumes"])
    assert written <= set(re.search(r"install -d -o coursive (.*)", "\n".join(compose.runs()))[1].split())


def test_the_image_holds_what_its_processes_need_and_no_more():
    copied = set(compose.what_the_image_copies())

    assert {"manage.py", "gunicorn.conf.py", "pyproject.toml", "hubs/models/hub.py", "static/css/tokens.css"} <= copied
    assert not {path for path in copied if path.startswith(("tests/", "docs/", "docker"))}


def test_the_image_collects_hashed_names_and_the_page_of_the_proxy_reads_them(tmp_path):
    for path in compose.what_the_image_copies():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    (step,) = (step for step in compose.runs() if "collectstatic" in step)
    # Fonts take ten seconds to cut: those that `make assets` made are as good.
    shutil.copytree(ROOT / "var/assets", tmp_path / "var/assets")
    done = subprocess.run(
        ["sh", "-ec", step],
        cwd=tmp_path,
        env=compose.image_environment() | {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "var/static/503.html").read_text()

    assert "Nous revenons dans un instant" in page
    drawn = set(re.findall(r'(?:href|src)="/([^"]{2,})"', page))
    assert drawn
    # What the proxy serves by itself, hashed and packed.
    assert {url for url in drawn if not re.fullmatch(r"static/.+\.[0-9a-f]{12}\.\w+", url)} == set()
    assert {url for url in drawn if not (tmp_path / "var" / f"{url}.br").exists()} == set()


def test_the_proxys_file_is_valid():
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed")
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", "docker/Caddyfile"],
        cwd=ROOT,
        env=os.environ | {"COURSIVE_HOSTS": ENV["COURSIVE_HOSTS"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


CODE = re.compile(r"^Votre code .*:\s(\S+)", re.MULTILINE)


class Postbox(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it is given."""

    daemon_threads = True

    def __init__(self) -> None:
        self.messages: list[str] = []
        super().__init__(("127.0.0.1", 0), _Letter)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Letter(socketserver.StreamRequestHandler):
    server: Postbox

    def handle(self) -> None:
        self.wfile.write(b"220 postbox\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.messages.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


class Rehearsal:
    """One machine's production in a folder: the image's steps, then each service, as an ordinary account."""

    def __init__(self, folder: Path, *, whole: bool) -> None:
        self.folder, self.whole = folder, whole
        self.app = folder / "app"
        self.account = servers.server_account()
        self.ports = {name: free_port() for name in ("postgres", "valkey", "web", "https", "http")}
        self.postbox = Postbox()
        self.host = f"localhost:{self.ports['https']}"
        self.env = ENV | {
            "COURSIVE_HOST": "localhost",
            "COURSIVE_HOSTS": "localhost, nord.localhost",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.postbox.server_address[1]),
            "EMAIL_USE_TLS": "0",
            "COURSIVE_METRICS_TOKEN": "rehearsed",
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("data", "backups", "pages", "tmp", "certificates", "sockets"):
            (folder / name).mkdir()
            self._own(folder / name)

    def _own(self, path: Path) -> None:
        if self.account:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def here(self, text: str) -> str:
        """An address or a path inside the containers, as it is on this machine."""
        for name, port in (("postgres", 5432), ("valkey", 6379), ("web", 8000)):
            text = text.replace(f"@{name}:{port}", f"@127.0.0.1:{self.ports[name]}")
            text = text.replace(f"{name}:{port}", f"127.0.0.1:{self.ports[name]}")
        text = re.sub(r"(0\.0\.0\.0|127\.0\.0\.1):8000", f"127.0.0.1:{self.ports['web']}", text)
        text = text.replace("/srv", str(self.folder / "pages"))
        return re.sub(r"(?<![\w/])/(data|backups|pages)\b", rf"{self.folder}/\1", text)

    def keywords(self, environment: dict[str, str]) -> dict[str, object]:
        binaries = f"{self.folder / 'venv/bin' if self.whole else Path(sys.executable).parent}:{servers.programs()[0]}"
        given = {name: self.here(str(text)) for name, text in environment.items()}
        given |= {
            "PATH": f"{binaries}:/usr/bin:/bin",
            "TMPDIR": str(self.folder / "tmp"),
            "HOSTNAME": socket.gethostname(),
        }
        keywords: dict[str, object] = {"cwd": self.app, "env": given, "stdin": subprocess.DEVNULL}
        if self.account:
            keywords |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return keywords

    def run(self, command: list[str], environment: dict[str, str], *, code: int = 0) -> str:
        done = subprocess.run(
            [self.here(word) for word in command],
            capture_output=True,
            text=True,
            check=False,
            **self.keywords(environment),  # type: ignore[call-overload]
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def build(self) -> None:
        for path in compose.what_the_image_copies():
            (self.app / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, self.app / path)
        for folder in [self.app, *(path for path in self.app.rglob("*") if path.is_dir())]:
            folder.chmod(0o755)
        (self.app / "var").mkdir()
        # The image's steps run as root; here the account has these folders, until they are over.
        written = [self.app / "var", *(self.app / "locale").rglob("LC_MESSAGES")]
        for folder in written:
            self._own(folder)
        for step in compose.runs():
            if "pip install" in step and self.whole:
                self._install(step)
            if "manage.py" in step:
                self.run(["sh", "-ec", step], compose.image_environment())
        # From here on nobody writes in it, as in a container that is read-only.
        if self.account:
            for folder in written:
                for path in (folder, *folder.rglob("*")):
                    os.chown(path, 0, 0)

    def _install(self, step: str) -> None:
        subprocess.run([self.python(), "-m", "venv", self.folder / "venv"], check=True)
        install = re.search(r"pip (install \S+ --require-hashes -r) /tmp/base.txt", step)
        assert install
        pip = [self.folder / "venv/bin/pip", *install[1].split(), "requirements/base.txt", "--quiet"]
        subprocess.run(pip, cwd=self.app, check=True, capture_output=True)

    def python(self) -> str:
        """One that the account may run: ours may stand in a folder that it may not enter."""
        whole = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))"
        for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
            with contextlib.suppress(OSError):
                keywords = self.keywords({}) | {"cwd": "/"}
                if subprocess.run([python, "-c", whole], check=False, capture_output=True, **keywords).returncode == 0:  # type: ignore[call-overload]
                    return python
        pytest.skip("no Python that an ordinary account may run")

    def service(self, name: str) -> dict[str, object]:
        return compose.service(name, self.env)

    def environment(self, name: str) -> dict[str, str]:
        return compose.image_environment() | self.service(name)["environment"]  # type: ignore[operator]

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [self.here(word) for word in command],
                stdout=log,
                stderr=subprocess.STDOUT,
                **self.keywords(environment),  # type: ignore[call-overload]
            )

    def start_ours(self, name: str) -> None:
        command = compose.words(self.service(name).get("command") or compose.image_command())  # type: ignore[arg-type]
        self.start(name, command, self.environment(name))

    def end(self, name: str) -> int:
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(60)

    def healthy(self, name: str) -> bool:
        test = self.service(name)["healthcheck"]["test"]  # type: ignore[index]
        command = ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
        done = subprocess.run(
            [self.here(word) for word in command],
            capture_output=True,
            check=False,
            **self.keywords(self.environment(name)),  # type: ignore[call-overload]
        )
        return done.returncode == 0

    def postgres(self) -> None:
        """As the image does: its files, its server, then our roles by the script it is given."""
        files, service = self.folder / "postgres", self.service("postgres")
        environment = service["environment"]
        password = self.folder / "tmp/password"
        password.write_text(environment["POSTGRES_PASSWORD"])  # type: ignore[index]
        self._own(password)
        files.mkdir()
        self._own(files)
        options = compose.words(environment["POSTGRES_INITDB_ARGS"])  # type: ignore[index]
        self.run(
            [
                "initdb",
                f"--pgdata={files}",
                "--username=postgres",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                *options,
            ],
            {},
        )
        place = ["-D", str(files), "-p", str(self.ports["postgres"]), "-k", str(self.folder / "sockets")]
        self.start("postgres", [*compose.words(service["command"]), *place], {})  # type: ignore[arg-type]
        here = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.ports["postgres"]),
            "PGPASSWORD": self.env["POSTGRES_PASSWORD"],
        }
        eventually(
            lambda: subprocess.run([servers.programs()[0] / "pg_isready", "-q"], env=here, check=False).returncode == 0
        )
        script = self.folder / "create-roles.sh"
        shutil.copy(ROOT / "docker/create-roles.sh", script)
        self.run(["sh", str(script)], here | environment)  # type: ignore[operator]

    def valkey(self) -> None:
        command = compose.words(self.service("valkey")["command"])  # type: ignore[arg-type]
        options = ["--port", str(self.ports["valkey"]), "--dir", str(self.folder / "tmp")]
        self.start("valkey", [str(servers.programs()[1]), *command[1:], *options], {})

    def proxy(self, caddy: str) -> None:
        config = self.here((ROOT / "docker/Caddyfile").read_text())
        options = (
            f"http_port {self.ports['http']}\n\thttps_port {self.ports['https']}\n\tadmin off\n\tskip_install_trust\n"
        )
        (self.folder / "Caddyfile").write_text(config.replace("{\n", "{\n\t" + options, 1))
        given = {"COURSIVE_HOSTS": self.env["COURSIVE_HOSTS"], "XDG_DATA_HOME": str(self.folder / "certificates")}
        given |= {"XDG_CONFIG_HOME": str(self.folder / "certificates"), "HOME": str(self.folder / "certificates")}
        self.start("proxy", [caddy, "run", "--adapter", "caddyfile", "--config", str(self.folder / "Caddyfile")], given)
        eventually(lambda: self._answers_tls())

    def _answers_tls(self) -> bool:
        with contextlib.suppress(OSError, ValueError):
            return Browser(self).get("/healthz", host="localhost")[0] == 200
        return False

    def stop(self) -> None:
        for name in reversed([*self.processes]):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.end(name)
        self.postbox.shutdown()
        self.postbox.server_close()


class _Here(http.client.HTTPSConnection):
    """Whatever its name, the site is on this machine: not every resolver knows the names under localhost."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined]


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Here, request, context=self._context)  # type: ignore[attr-defined]


class Browser:
    """Someone who comes through TLS, with cookies."""

    def __init__(self, site: Rehearsal) -> None:
        self.site = site
        context = ssl.create_default_context(cafile=next(site.folder.glob("certificates/**/root.crt"), None))
        self.opener = urllib.request.build_opener(
            _Https(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )

    def get(self, path: str, data: dict[str, str] | None = None, host: str = "nord.localhost", **headers: str):
        url = path if path.startswith("https") else f"https://{host}:{self.site.ports['https']}{path}"
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        request = urllib.request.Request(url, data=body, headers={"Referer": url, **headers})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.read().decode(), answer.headers, answer.url
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers, url

    def post(self, path: str, **data: str):
        page = self.get(path)[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        return self.get(path, data | {"csrfmiddlewaretoken": token[1]})


@pytest.fixture
def rehearse() -> Iterator[object]:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed")
    as_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-", dir=servers.SYSTEM if as_root else None))
    folder.chmod(0o711)
    made = []

    def rehearsed(*, whole: bool) -> Rehearsal:
        site = Rehearsal(folder, whole=whole)
        made.append(site)
        site.build()
        site.postgres()
        site.valkey()
        migrate = compose.words(site.service("migrate")["command"])
        site.run(migrate, site.environment("migrate"))
        for name in ("web", "worker", "beat"):
            site.start_ours(name)
        eventually(lambda: site.healthy("web"))
        site.proxy(caddy)
        return site

    yield rehearsed
    for site in made:
        site.stop()
    shutil.rmtree(folder)


@pytest.mark.long
def test_production_on_one_machine_from_an_empty_folder(rehearse):
    """A newcomer's day: open a hub, sign in through TLS by a code received by mail, back up, lose the web, upgrade."""
    site = rehearse(whole=True)
    owner = site.environment("migrate")
    told = site.run(
        ["python", "manage.py", "hub", "create", "nord", "--email", "aurelie@nord.example", "--host", "nord.localhost"],
        owner,
    )
    assert "https://nord.localhost/" in told

    browser = Browser(site)
    assert browser.get("/readyz")[:2] == (200, "ready\n")
    status, _page, headers, _url = browser.get("/compte/code/")
    assert status == 200
    assert "max-age=31536000; includeSubDomains; preload" in headers["Strict-Transport-Security"]
    assert "Secure" in headers["Set-Cookie"]
    assert "HttpOnly" in headers["Set-Cookie"]
    browser.post("/compte/code/", email="aurelie@nord.example")
    code = eventually(lambda: CODE.search("".join(site.postbox.messages)))
    status, page, headers, url = browser.post("/compte/code/saisie/", code=code[1])
    # In, or on the way to a second factor where the preset asks for one.
    assert (status, "/compte/code/" in url) == (200, False)
    request_id = headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f-]{36}", request_id)
    assert f'"request_id": "{request_id}"' in (site.folder / "web.log").read_text()

    # Every container's own check, and what Prometheus would read.
    eventually(lambda: all(map(site.healthy, ("web", "worker", "beat"))))
    assert browser.get("/metrics")[0] == 404
    metrics = browser.get("/metrics", Authorization="Bearer rehearsed")[1]
    assert 'coursive_mails{hub="nord",state="failed"} 0.0' in metrics
    assert 'coursive_silence_seconds{process="beat"}' in metrics

    site.run(["python", "manage.py", "backup", "/backups"], owner)
    archive = next(site.folder.glob("backups/*.zip"))
    site.run(["python", "manage.py", "backup", "--check", str(archive)], owner)

    # The web is away for a moment: whoever comes meanwhile waits, and is answered.
    assert site.end("web") == 0
    waiting = threading.Timer(3, site.start_ours, ["web"])
    waiting.start()
    began = time.monotonic()
    assert browser.get("/gestion/")[0] == 200
    assert time.monotonic() - began > 2
    waiting.join()

    # Away for good: a page of ours, with what it is drawn with, and the address keeps its status.
    site.end("web")
    status, page, headers, _url = browser.get("/gestion/")
    assert (status, "Nous revenons dans un instant" in page, headers["Retry-After"]) == (503, True, "60")
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert sheets
    began = time.monotonic()
    assert {browser.get(sheet)[0] for sheet in sheets} == {200}
    assert time.monotonic() - began < 10
    site.start_ours("web")
    eventually(lambda: browser.get("/readyz")[:2] == (200, "ready\n"))

    assert [site.end(name) for name in ("beat", "worker", "web")] == [0, 0, 0]
    told = "".join((site.folder / f"{name}.log").read_text() for name in ("web", "worker", "beat"))
    # Celery says goodbye in its own way.
    assert {line for line in told.splitlines() if not line.startswith("{")} <= {
        "",
        "worker: Warm shutdown (MainProcess)",
    }
    assert "aurelie" not in told
    assert '"level": "error"' not in told
