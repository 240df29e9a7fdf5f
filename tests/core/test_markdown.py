"""Simple Markdown: what is kept, what stays the characters that were typed, and the way back."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronde.core.markdown import faults, from_html, render


class Elements(HTMLParser):
    """The elements that a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_headings_paragraphs_lists_bold_and_secure_links_are_kept():
    html = render(
        "# Titre\n\n### Détail\n\nUn **mot**, [lien](https://a.fr/x).\n\n- a\n- b\n\n1. c"
    )
    assert html == (
        "<h2>Titre</h2>\n<h3>Détail</h3>\n"
        '<p>Un <strong>mot</strong>, <a href="https://a.fr/x">lien</a>.</p>\n'
        "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol>\n<li>c</li>\n</ol>\n"
    )


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://a.fr/x.png)",
        "[x](javascript:alert(1))",
        "[x](JavaScript:alert(1))",
        "[x](data:text/html,x)",
        "[x](http://a.fr)",
        "[x](//a.fr)",
        "[x](/profil/)",
        "[x](mailto:a@a.fr)",
        "<https://a.fr>",
        "[x]: https://a.fr\n\n[x]",
        "[x](<javascript:alert(1)>)",
        '[x](https://a.fr/"onclick="alert(1))',
    ],
)
def test_nothing_else_becomes_an_element(typed):
    read = Elements()
    read.feed(render(typed))
    assert {tag for tag, _attributes in read.found} <= {"p", "a"}
    for tag, attributes in read.found:
        assert tag == "p" or (
            attributes.keys() == {"href"} and attributes["href"].startswith("https://")
        )


def test_what_would_not_be_shown_as_meant_is_named():
    assert faults("## Titre\n\n- **a**\n- [b](https://a.fr)\n\na < b & c > d") == []
    assert faults("![x](https://a.fr/x.png)") == ["Une image ne peut pas être placée ici."]
    assert faults("[x](http://a.fr) [y](/z) [x](http://a.fr)") == [
        "Un lien commence par https:// : corrigez « http://a.fr ».",
        "Un lien commence par https:// : corrigez « /z ».",
    ]
    assert faults("Un <b>mot</b>") == [
        "Le HTML n'est pas repris : retirez « <b> ».",
        "Le HTML n'est pas repris : retirez « </b> ».",
    ]
    assert "<script>" in faults("<script>\nx\n</script>")[0]


def test_a_text_in_html_comes_back_as_the_markdown_that_renders_as_it():
    html = (
        "<h2>1. A &amp; *b*</h2>\n<p>1. x_y_z [w](v) &lt;i&gt;</p>\n"
        "<ul>\n<li>- a</li>\n<li># b</li>\n</ul>\n"
    )
    assert render(from_html(html)) == html
    assert from_html("<h2>1. À quoi</h2>") == "## 1. À quoi\n"


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=30))
def test_any_sentence_comes_back(sentence):
    words = " ".join(sentence.split())
    if words:
        escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        html = f"<p>{escaped.replace(chr(34), '&quot;')}</p>\n"
        assert render(from_html(html)) == html


@pytest.mark.parametrize(
    "html",
    [
        "<p>a <b>b</b></p>",
        "<table></table>",
        '<p class="x">a</p>',
        "texte",
        "<ul><li><p>a</p></li></ul>",
    ],
)
def test_what_has_no_exact_markdown_is_refused(html):
    with pytest.raises(ValueError, match="no exact Markdown"):
        from_html(html)
