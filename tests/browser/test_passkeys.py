"""Passkeys with a device that Chromium plays: made on one hub's host, and of no use on another's."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SECURITY, SIGN_IN = "/mon-espace/moi/securite/", "/compte/connexion/"
# Nobody else's test signs in by this account.
WHO, PASSWORD = "conseil@la-coursive.example", "coursive-demo"


def give_device(page: Page) -> None:
    """Plug in a telephone that recognises whoever holds it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def sign_out(page: Page) -> None:
    page.locator("details.who summary").click()
    page.get_by_role("button", name="Se déconnecter").click()


def make_passkey(page: Page, site, name: str) -> None:
    page.goto(site.url(f"{SECURITY}cles/ajouter/"))
    page.get_by_label("Comment la reconnaîtrez-vous").fill(name)
    page.get_by_role("button", name="Créer la clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")


def work_in_the_other_hub_too(people, site) -> None:
    """The coordinator of the small hub invites the same address, which accepts from another browser."""
    staff = people("coordination", hub="petit-pole")
    staff.goto(site.url("/gestion/structures/", "petit-pole"))
    staff.locator("tbody a").first.click()
    staff.get_by_role("link", name="Ajouter une personne").click()
    staff.get_by_label("Prénom").fill("Chloé")
    staff.get_by_label("Nom", exact=True).fill("Conseil")
    staff.get_by_label("Adresse électronique").fill(WHO)
    staff.get_by_label("L’inviter à se connecter").check()
    staff.get_by_role("button", name="Ajouter la personne").click()
    expect(staff.get_by_text("Chloé Conseil").first).to_be_visible()
    invited = people(None, hub="petit-pole")
    invited.goto(site.mail_that_says(r"(http://petit-pole\S+/invitation/\S+)"))
    invited.get_by_role("button", name="Accepter et entrer").click()
    invited.wait_for_url(lambda url: "/invitation/" not in url)


@pytest.mark.feature("HU2")
def test_a_passkey_opens_its_own_hub_and_is_unknown_in_the_other(people, site):
    work_in_the_other_hub_too(people, site)
    page = people("conseil")
    give_device(page)
    answers: list[str] = []
    page.on("request", lambda sent: answers.append(sent.post_data) if "credential=" in (sent.post_data or "") else None)

    make_passkey(page, site, "Mon téléphone")
    page.goto(site.url(SECURITY))
    expect(page.locator("main")).to_contain_text("Mon téléphone")
    sign_out(page)
    page.goto(site.url(SIGN_IN))
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À faire")

    # In the other hub: neither offered nor accepted at the door, neither asked for nor listed inside.
    page.goto(site.url(SIGN_IN, "petit-pole"))
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("alert")).to_contain_text("L’appareil n’a rien confirmé.")
    [credential] = parse_qs(answers[-1])["credential"]
    page.locator("form[data-passkey]").evaluate(
        "(form, said) => { form.credential.value = said; form.submit(); }", credential
    )
    expect(page.get_by_text("Cette clé d’accès n’ouvre rien ici.")).to_be_visible()
    page.goto(site.url(SECURITY, "petit-pole"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Se connecter")
    page.get_by_label("Adresse électronique").fill(WHO)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sécurité")
    expect(page.locator("main")).not_to_contain_text("Mon téléphone")

    # At home it is a second step after the password, and goes when its owner removes it.
    page.goto(site.url("/"))
    sign_out(page)
    page.goto(site.url(SIGN_IN))
    page.get_by_label("Adresse électronique").fill(WHO)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Seconde étape")
    page.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À faire")
    page.goto(site.url(SECURITY))
    page.get_by_role("link", name="Retirer Mon téléphone").click()
    page.get_by_role("button", name="Retirer la clé").click()
    expect(page.locator("main")).to_contain_text("La clé d’accès est retirée.")
