"""Pages say everything in both languages, and what they ship of others is what was published."""

from hashlib import sha256
from pathlib import Path

import pytest

from leadloop import charts
from serving.pages.files import FOLDER
from tests.pages.texts import untranslated, unused

VENDORED = Path(__file__).parent / "vendored"
ACROSS = {"x": {"field": "x", "type": "quantitative"}}
PUBLISHED = {
    FOLDER / "htmx.min.js": "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
    VENDORED / "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
}
"""htmx.org 2.0.11 (dist/htmx.min.js) and axe-core 4.14.1 (axe.min.js), as npm has them."""


def test_everything_that_pages_say_has_its_french() -> None:
    assert untranslated() == {}


def test_no_catalogue_holds_a_text_that_nobody_says() -> None:
    assert unused() == []


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.name)
def test_what_is_shipped_of_others_is_what_was_published(path: Path) -> None:
    assert sha256(path.read_bytes()).hexdigest() == PUBLISHED[path]
    assert path.with_name(path.name.split(".")[0] + ".LICENSE").is_file()


def test_two_charts_on_a_page_share_no_ids() -> None:
    specs = [
        {"data": {"values": [{"x": x}]}, "mark": {"type": "bar", "clip": True}, "encoding": ACROSS} for x in (1, 2)
    ]
    drawn = [charts.svg(spec, "t") or "" for spec in specs]
    ids = [{part.split('"')[0] for part in each.split('id="')[1:]} for each in drawn]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])


def test_a_chart_escapes_its_texts_and_styles_nothing_inline() -> None:
    drawn = charts.svg(charts.signed_bars([charts.Bar("<script>", -1.0, "&")]), 'a "title"') or ""
    assert "<script>" not in drawn
    assert " style=" not in drawn
    assert 'aria-label="a &quot;title&quot;"' in drawn
