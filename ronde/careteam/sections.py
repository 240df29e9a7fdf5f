"""The sections of a record: the columns of the rights matrix."""

from django.utils.translation import gettext_lazy as _

IDENTITY, CARETEAM, FEED, TRACE = "identity", "careteam", "feed", "trace"

SECTIONS = {
    IDENTITY: _("Identité et données administratives"),
    CARETEAM: _("Cercle de soins"),
    FEED: _("Fil d'actualité"),
    TRACE: _("Traçabilité"),
}
# In an emergency one reads everything and writes notes only.
WRITABLE_UNDER_BREAK_GLASS = frozenset({FEED})
