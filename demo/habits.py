"""What the coordinator of the demonstration keeps: stars, saved searches, favourite groups."""

from demo.draw import key
from demo.play import Player, stage
from demo.stories import SOPHIE
from demo.structures import SAAD_MIMOSAS
from ronde.accounts import groups
from ronde.accounts.group_models import FavouriteGroupShare
from ronde.core.context import acting
from ronde.patients.models import IdentityStatus, Zone
from ronde.worklist import actions
from ronde.worklist.filters import Filters

_STARRED = (0, 1, 3, 7)
# Name, members, with whom it is shared.
_GROUPS = (
    ("Retour à domicile – La Seyne", ("ricci", "leblanc", SAAD_MIMOSAS, "ssiad-sicie"), "mercier"),
    ("Périnatalité", ("castel", "pmi-seyne"), ""),
)


def write(player: Player) -> None:
    actor = player.actor(SOPHIE)
    zones = dict(Zone.objects.values_list("name", "pk"))
    searches = {
        "Littoral": Filters(zones=[zones["Var Ouest – littoral"]]),
        "Toulon": Filters(zones=[zones["Var Ouest – Toulon"]]),
        "Identités à vérifier": Filters(statuses=[IdentityStatus.PROVISOIRE.value]),
    }
    with stage(), acting(party_id=actor.party_id, user_id=actor.user_id):
        for number in _STARRED:
            actions.star(actor, key("patient", number))
        for name, filters in searches.items():
            actions.save_search(actor, name, filters, default=False)
        for name, members, colleague in _GROUPS:
            group = groups.create(actor, name)
            for member in members:
                groups.add(actor, group.pk, player.parties[member])
            if colleague:
                # Shared long ago: the journal, whose dates are rewritten, has no news of it.
                FavouriteGroupShare(group=group, user=player.users[colleague], may_edit=True).save(
                    force_insert=True
                )
