"""How someone signs in: by which address, and with which second step."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hubs import languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.models import Hub, User
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub
from parties.models import Person


class AddressTaken(Refusal):
    message = _("Cette adresse ouvre déjà un autre compte.")
    field = "code"


@transaction.atomic
def send_address_code(*, email: str, code: str) -> None:
    """Send the code that proves one reads this address; to whoever has an account by it, a warning instead."""
    hub = current_hub()
    if User.objects.filter(email=email).exists():
        subject = _("Cette adresse a déjà un compte (%(hub)s)") % {"hub": hub.name}
        text = _(
            "Bonjour,\n\nQuelqu’un a demandé à entrer sur le portail de %(hub)s avec cette adresse. Elle ouvre déjà "
            "un compte, qui reste le vôtre. Si c’était vous, dites-le à l’équipe\u00a0: %(contact)s\n"
        ) % {"hub": hub.name, "contact": hub.contact_email}
    else:
        subject = _("%(code)s, le code de votre nouvelle adresse (%(hub)s)") % {"code": code, "hub": hub.name}
        text = _(
            "Bonjour,\n\nPour entrer avec cette adresse sur le portail de %(hub)s, donnez ce code\u00a0: %(code)s\n\n"
            "Il sert pendant un quart d’heure. Si vous n’avez rien demandé, ne le donnez à personne.\n"
        ) % {"hub": hub.name, "code": code}
    send_mail(to=[email], subject=str(subject), text=str(text), is_secret=True)


@transaction.atomic
def change_address(*, user: User, email: str, by: Actor) -> User:
    """The address that the user signs in with, here and in their other hubs; the old one is told.

    Their person here follows where it had the old one. Raises AddressTaken.
    """
    kept = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    before, kept.email = kept.email, email.lower()
    with refusing({"hubs_user_email_key": AddressTaken}):
        kept.save(update_fields=["email"])
    # allauth signs in by any address that it has noted.
    EmailAddress.objects.filter(user=kept).delete()
    person = Person.objects.get(user=kept)
    if person.email.lower() == before:
        person.email = kept.email
        person.save(update_fields=["email"])
    record(by=by, verb="parties.address_changed", thing=person, before={"email": before}, after={"email": kept.email})
    hub = current_hub()
    text = _(
        "Bonjour,\n\nVotre compte sur le portail de %(hub)s s’ouvre maintenant avec une autre adresse, %(email)s.\n"
        "Si ce n’est pas vous, dites-le tout de suite à l’équipe\u00a0: %(contact)s\n"
    ) % {"hub": hub.name, "email": kept.email, "contact": hub.contact_email}
    subject = _("Vous n’entrez plus avec cette adresse (%(hub)s)") % {"hub": hub.name}
    send_mail(to=[before], subject=str(subject), text=str(text), about=person)
    return kept


@transaction.atomic
def forget_second_factor(*, user: User, by: Actor) -> int:
    """Remove what the open hub sees of the user's second step, and tell them; how much there was."""
    count, _models = Authenticator.objects.filter(user=user).delete()
    if not count:
        return 0
    hub = current_hub()
    record(by=by, verb="hubs.factor_removed", thing=user, before={"count": count})
    with languages.of_recipient(user.language):
        subject, text = _words_of_removal(hub)
    send_mail(to=[user.email], subject=subject, text=text)
    return count


def _words_of_removal(hub: Hub) -> tuple[str, str]:
    text = _(
        "Bonjour,\n\nVotre seconde étape est retirée, et vos clés d’accès avec elle. Vous entrez de nouveau par un code "
        "envoyé à cette adresse. Si vous ne l’aviez pas demandé, dites-le tout de suite à l’équipe\u00a0: %(contact)s\n"
    ) % {"contact": hub.contact_email}
    subject = _("Votre seconde étape est retirée (%(hub)s)") % {"hub": hub.name}
    return str(subject), str(text)
