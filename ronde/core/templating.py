"""The Jinja2 environment of all our pages: what a template may call."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined

from ronde.core import formats
from ronde.core.components import Components


def environment(**options: Any) -> Environment:
    # Django proposes its own `autoescape` and `undefined`: ours are not for discussion.
    kept = {name: v for name, v in options.items() if name not in {"autoescape", "undefined"}}
    env = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        **kept,
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        translation.gettext,
        translation.ngettext,
        newstyle=True,
        pgettext=translation.pgettext,
        npgettext=translation.npgettext,
    )
    env.globals.update(static=static, url=_url, ui=Components(env))
    env.filters.update(
        age=formats.age,
        day=formats.day,
        day_and_hour=formats.day_and_hour,
        file_size=formats.file_size,
        lasting=formats.lasting,
        moment=formats.moment,
        full_moment=formats.full_moment,
        phone=formats.phone,
        initials=formats.initials,
        remaining=formats.remaining,
        said=formats.said,
        typo=formats.typo,
        weight=formats.weight,
    )
    return env


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args or None, kwargs=kwargs or None)
