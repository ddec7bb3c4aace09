"""How gunicorn serves the site; it reads this file by its name. The command line has the address."""

import gc
import os
import shutil
import tempfile

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# A page takes a fraction of a second; what takes longer is a run.
timeout = 30
graceful_timeout = 30
# The heartbeat of the workers must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Signals do all we need, and its socket would lie in a home that the image's account has not.
control_socket_disable = True
# Lines of access are ours (hubs/logs.py): they know the hub.
accesslog = None

if os.environ.get("COURSIVE_LOG") == "json":
    logconfig_dict = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "hubs.logs.JsonLines", "json_ensure_ascii": False}},
        "handlers": {"json": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {"gunicorn.error": {"handlers": ["json"], "level": "INFO", "propagate": False}},
        "root": {"handlers": ["json"], "level": "INFO"},
    }

# Where the web processes count, so that any of them tells the sum of all.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="coursive-metrics-"))


def post_worker_init(worker):
    """What is loaded stays: the collector need not walk it again, and no page waits for that."""
    gc.collect()
    gc.freeze()


def child_exit(server, worker):
    # Not above: the library looks for the folder when it is imported.
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
