"""Many at once, each on a connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable

from django.db import connection

from hubs.refusals import Refusal

CLIENTS = 64


def race(clients: int, attempt: Callable[[], str]) -> Counter[str]:
    """Run `attempt` in so many threads at once, each on its own connection; count what came of it."""
    outcomes: list[str] = []
    ready = threading.Barrier(clients)

    def run() -> None:
        try:
            connection.ensure_connection()
            ready.wait()
            outcomes.append(attempt())
        except Refusal as refusal:
            outcomes.append(str(refusal.message))
        except Exception as error:  # whatever else happens is what the test looks for
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)
