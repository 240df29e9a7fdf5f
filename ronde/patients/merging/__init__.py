"""Records of one person brought together by the identity cell, and given back."""

# The right by which the identity cell looked at an identity, as traces keep it.
IDENTITY_CELL = "identity_cell"
