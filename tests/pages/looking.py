"""What a browser sees of a page: its words, weight and faults, and where the keyboard leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Response

from serving.pages.page import Page

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FAULTS = """() => axe.run(document, {resultTypes: ['violations']})
  .then(found => found.violations.map(each => each.id + ': ' + each.nodes[0].html))"""
REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(each => each.checkVisibility({checkVisibilityCSS: true}) && !each.disabled
    && !each.closest('dialog:not([open])')).length"""
HERE = """() => {
  const here = document.activeElement, style = getComputedStyle(here), place = here.getBoundingClientRect();
  const name = [here.tagName, here.textContent.trim().slice(0, 60), place.left, place.top + scrollY];
  return [name.join('|'), style.outlineStyle !== 'none' || style.boxShadow !== 'none'];
}"""


@dataclass
class Look:
    """What was seen. `weight`: bytes over the wire; `complaints`: of the console; `reached`: of `reachable` by Tab."""

    status: int = 0
    lang: str = ""
    title: str = ""
    heading: str = ""
    text: str = ""
    weight: int = 0
    complaints: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    too_wide: int = 0


@dataclass
class Looker:
    """Opens pages of one server in one browser. `places`: what stands in their paths."""

    browser: Browser
    base: str
    places: Mapping[str, str]
    axe: str

    def address(self, page: Page, lang: str) -> str:
        """Of a page, in a language."""
        path = page.address.format(**{name: quote(value) for name, value in self.places.items()})
        return f"{self.base}{path}?lang={lang}"

    def look(self, page: Page, lang: str) -> Look:
        """In light and English, in the dark and French: all that is said of a page is said of both."""
        with self.context(color_scheme="dark" if lang == "fr" else "light") as context:
            context.add_init_script(self.axe)
            return self._seen(context, self.address(page, lang))

    def context(self, **options: Any) -> BrowserContext:
        """A browser that knows nothing."""
        return self.browser.new_context(**{"viewport": WIDE, **options})

    def _seen(self, context: BrowserContext, address: str) -> Look:
        seen, tab, answers = Look(), context.new_page(), list[Response]()
        tab.on("console", lambda told: seen.complaints.append(told.text) if told.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: seen.complaints.append(str(error)))
        tab.on("response", lambda answer: answers.append(answer))
        answer = tab.goto(address, wait_until="networkidle")
        seen.status = answer.status if answer else 0
        seen.lang, seen.title = tab.locator("html").get_attribute("lang") or "", tab.title()
        seen.heading, seen.text = tab.locator("h1").first.inner_text(), tab.locator("body").inner_text()
        seen.faults = tab.evaluate(FAULTS)
        seen.weight = sum(_weight(each) for each in answers)
        seen.elsewhere = [each.url for each in answers if not each.url.startswith(self.base)]
        tab.set_viewport_size(PHONE)  # type: ignore[arg-type] # its own type of the same
        seen.too_wide = tab.evaluate("() => document.scrollingElement.scrollWidth - innerWidth")
        return seen


def _weight(answer: Response) -> int:
    sizes = answer.request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
