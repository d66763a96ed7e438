"""What a page is: where, for whom, under which heading; the menu, the gate and the tests go by it."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum

from fastapi import APIRouter

from leadloop.access import Role
from serving.access import TABLE


def marked(text: str) -> str:
    """The text as it is; a mark for whoever looks for texts that want a translation."""
    return text


class Section(StrEnum):
    """The parts of the menu, in their order; values are texts for the catalogues."""

    sales = marked("Sales")
    both = marked("Sales and marketing")
    marketing = marked("Marketing")
    operations = marked("Operations")


@dataclass(frozen=True, eq=False)
class Page:
    """A page. `title` is a text for the catalogues; `router` answers at `path`, and wherever else the page needs it.

    `in_menu`: no for pages that others lead to; `example`: for tests, an address of one that has places in its path.
    """

    path: str
    title: str
    section: Section
    router: APIRouter
    in_menu: bool = True
    example: str = ""

    @property
    def roles(self) -> Set[Role]:
        """Who may open it, as the gate has it."""
        return TABLE["GET", self.path]

    @property
    def address(self) -> str:
        """One that can be opened."""
        return self.example or self.path
