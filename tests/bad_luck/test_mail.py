"""The worker killed, or PostgreSQL restarted, in the middle of a conversation with a mail server.

What is promised: a message leaves at least once, under one Message-ID, and twice only if the worker died between the
server's yes and the commit that follows it.
"""

from tests.bad_luck.instance import until
from tests.bad_luck.mail_server import mail_server

SENT = "SELECT count(*) FROM hubs_mail WHERE hub_id = %s AND state = 'sent'"
# When the worker is killed, and how often the message then arrives.
COPIES = {
    "EHLO": 1,
    "MAIL": 1,
    "RCPT": 1,
    "DATA": 1,
    "accepted": 2,  # the server has it, and its yes is never heard
    "QUIT": 1,
}
THE_THREE_THAT_DIFFER = ("RCPT", "accepted", "QUIT")


def ask_for_a_code(site, hub, rank: int = 0) -> str:
    """A member asks for a sign-in code: one mail."""
    email = f"membre{rank}@{hub['slug']}.example"
    answer = site.post("/compte/code/", {"email": email}, hub=hub["slug"])
    assert answer.status == 302, answer.text
    return email


def test_a_worker_killed_while_it_talks_to_the_mail_server(site, full, tell):
    moments = tuple(COPIES) if full else THE_THREE_THAT_DIFFER
    hub = site.new_hub(members=len(moments))
    asked = {}
    with mail_server() as server, site.running(**server.environment):
        worker = site.processes["worker"]
        for rank, moment in enumerate(moments):
            killed: list[bool] = []

            def kill(killed=killed) -> None:
                worker.kill()
                killed.append(True)

            server.moments[moment] = kill
            asked[ask_for_a_code(site, hub, rank)] = moment
            until(lambda killed=killed: killed, what=f"the worker says {moment} to the mail server")
            until(worker.is_alive)
            site.let_time_pass()
            # Or a later moment might find this mail on its second way.
            until(lambda settled=rank + 1: site.one(SENT, hub["id"]) == settled, what="the mail is settled")

    assert {moment: server.accepted[email] for email, moment in asked.items()} == {
        moment: COPIES[moment] for moment in moments
    }
    assert len(server.names) == len(moments)
    tell(f"copies by moment of the kill: {', '.join(f'{moment} {COPIES[moment]}' for moment in moments)}")


def test_postgresql_restarted_while_a_mail_leaves_sends_it_once(site):
    hub = site.new_hub()
    with mail_server() as server, site.running(**server.environment):
        restarted = []

        def restart() -> None:
            site.stop_postgres()
            site.start_postgres()
            restarted.append(True)

        server.moments["accepted"] = restart
        email = ask_for_a_code(site, hub)
        until(lambda: restarted)
        until(lambda: site.one(SENT, hub["id"]) == 1, what="the mail is settled")

    assert server.accepted == {email: 1}
    assert site.one("SELECT tries FROM hubs_mail WHERE hub_id = %s", hub["id"]) == 1
