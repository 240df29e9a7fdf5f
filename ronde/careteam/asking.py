"""«Inviter un confrère», from a circle: the mail names no patient."""

from django.http import HttpRequest, HttpResponse

from ronde.accounts import inviting
from ronde.careteam.access import Access
from ronde.careteam.adding import form_methods
from ronde.careteam.gate import record_view
from ronde.core.text import words


@form_methods
@record_view("careteam", write=True)
def invite(request: HttpRequest, access: Access) -> HttpResponse:
    """Invite colleagues; a text that holds the name of this patient does not leave."""
    context = {"access": access, "tab": "cercle"}
    names = _names(access)
    return inviting.run(request, "careteam/invite.html", context, patient_names=names)


def _names(access: Access) -> tuple[str, ...]:
    """How the patient may be named; a name that the author bears too counts with a first name."""
    patient, mine = access.patient, set(words(access.actor.person_name))
    given = {patient.first_given, patient.used_given} - {""}
    names = []
    for family in {patient.birth_name, patient.used_name} - {""}:
        if mine.issuperset(words(family)):
            names += [f"{one} {family}" for one in given] + [f"{family} {one}" for one in given]
        else:
            names.append(family)
    return tuple(names)
