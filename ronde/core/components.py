"""The macros of `core/components`, called `ui` in every template."""

from typing import Any

from jinja2 import Environment

FILES = (
    "icon",
    "buttons",
    "fields",
    "choice",
    "labels",
    "lists",
    "panels",
    "dialogs",
    "feedback",
)


class Components:
    """A global, not an import: a block rendered alone does not see the imports of its file."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._found: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._found or self._env.auto_reload:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Any:
        for file in FILES:
            module = self._env.get_template(f"core/components/{file}.html").module
            if hasattr(module, name):
                return getattr(module, name)
        message = f"no macro {name!r} in core/components"
        raise AttributeError(message)
