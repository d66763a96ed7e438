"""The docs are complete: each setting, route, command, feature and reason has a heading; each link leads somewhere."""

import re
from pathlib import Path
from typing import get_args

import pytest

from features.blocks import BLOCKS
from features.profile import AttributeKind
from leadloop.cli import app
from leadloop.settings import Settings
from models.reasons import FAMILIES
from serving.app import create_app

ROOT = Path(__file__).parents[2]


def headings(name: str) -> set[str]:
    """The headings of a page of the docs."""
    return set(re.findall(r"^#+ (.+)$", (ROOT / "docs" / name).read_text(), re.MULTILINE))


def test_each_setting_has_a_heading() -> None:
    assert set(Settings.model_fields) <= headings("settings.md")


def test_each_command_has_a_heading() -> None:
    names = {
        command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands
    }
    assert {f"leadloop {name}" for name in names} <= headings("commands.md")


def test_each_route_has_a_heading(tmp_path: Path) -> None:
    paths = create_app(Settings(home=tmp_path)).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert routes <= headings("http.md")


def test_each_reason_has_a_heading() -> None:
    assert set(FAMILIES) <= headings("reasons.md")


def test_each_kind_of_feature_has_a_heading() -> None:
    assert {*get_args(AttributeKind), "count", "decayed", "days since", "Age"} <= headings("features.md")


def test_each_optional_block_and_each_of_its_features_has_a_heading() -> None:
    told = headings("features.md")
    assert {name.capitalize() for name in BLOCKS} <= told
    assert {feature.name.partition(": ")[2] for features in BLOCKS.values() for feature in features} <= told


@pytest.mark.parametrize(
    "page", sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text())
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


def test_the_tests_that_prove_the_guarantees_exist() -> None:
    named = re.findall(r"`(tests/[^`]+)`", (ROOT / "docs" / "guarantees.md").read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
