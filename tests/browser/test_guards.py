"""The browser of these tests sees what the security policy refuses: each fault is put on a page, and noted."""

import pytest

from tests.browser.conftest import listen

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ('<p style="color: red">', "inline style"),
        ("<style>p { color: red }</style>", "inline style"),
        ("<script>alert(1)</script>", "inline script"),
        ('<button onclick="go()">', "inline event handler"),
        ('<img src="https://ailleurs.example/a.png" alt="">', "https://ailleurs.example/a.png"),
        ('<script type="module">oups(</script>', "inline script"),
    ],
)
def test_what_the_policy_refuses_is_noted(people, site, html, words):
    page = people(None)
    asked = page.request.get(f"http://127.0.0.1:{site.port}/", headers={"Host": site.url("/").split("/")[2]})
    policy = asked.headers["content-security-policy"]
    faults: list[str] = []
    other = page.context.browser.new_context().new_page()
    listen(other, faults)
    other.route(
        "**/faute/",
        lambda route: route.fulfill(
            body=html, headers={"Content-Security-Policy": policy, "Content-Type": "text/html"}
        ),
    )

    other.goto(site.url("/faute/"))
    other.evaluate("new Promise(requestAnimationFrame)")
    other.context.close()

    assert any(words in fault for fault in faults), faults


def test_a_script_that_fails_is_noted(people, site):
    page = people(None)
    faults: list[str] = []
    other = page.context.browser.new_context().new_page()
    listen(other, faults)
    other.goto(site.url("/"))

    other.evaluate("setTimeout(() => { throw new Error('oups') })")
    other.evaluate("new Promise((done) => setTimeout(done))")
    other.context.close()

    assert any("oups" in fault for fault in faults)
