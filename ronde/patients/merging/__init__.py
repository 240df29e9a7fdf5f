"""Records of one person brought together by the identity cell, and given back."""
