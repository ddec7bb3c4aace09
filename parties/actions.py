from parties.models import Organisation, Person


def remember_acting_for(*, person_id: int, organisation: Organisation) -> None:
    """Keep whom a person acted for last: the next form proposes it."""
    Person.objects.filter(pk=person_id).update(last_acted_for=organisation)
