"""A page, asked of the app in this process: for a command that writes it to a file, without a port, a key or jobs."""

import asyncio
import sys

import httpx
from fastapi import FastAPI

from leadloop.errors import InputError
from leadloop.settings import Settings
from serving.app import create_app, opened

HERE = "http://127.0.0.1"


def take(settings: Settings, address: str, asked: dict[str, str]) -> str:
    """A file of a page (serving.pages.exports). `address`: its path, with a question or without; `asked`: which file.

    Raises: InputError, with what the page said, where there is no such page or file.
    """
    app = create_app(settings, without_key=True)
    with opened(app) as state:
        state.keeper.first = sys.maxsize  # the list is ranked by who asks, however long: there is no job that would
        answer = asyncio.run(_answer(app, address, asked))
    if answer.status_code != 200:
        raise InputError(f"{address}: {_told(answer)}")
    if "attachment" not in answer.headers.get("content-disposition", ""):
        raise InputError(f"{address}: is no page; docs/pages.md lists them, such as /queue and /ops/models")
    return answer.text


async def _answer(app: FastAPI, address: str, asked: dict[str, str]) -> httpx.Response:
    url = httpx.URL(HERE).join(address)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE) as client:
        return await client.get(url.copy_merge_params(asked))


def _told(answer: httpx.Response) -> str:
    """What the answer says went wrong."""
    if answer.is_redirect:
        return f"leads to {answer.headers['location']}; ask for that"
    return str(answer.json().get("detail") or answer.reason_phrase)
