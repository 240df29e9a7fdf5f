"""PostgreSQL backend that carries the acting party into every transaction."""
