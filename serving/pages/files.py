"""What pages load besides themselves: one style, one script, htmx; from this server alone, and kept by browsers."""

from dataclasses import dataclass
from functools import lru_cache
from gzip import compress
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).with_name("static")
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
KEPT = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class File:
    """A file as it is sent; its address changes with its content."""

    body: bytes
    small: bytes
    kind: str
    address: str


@lru_cache(maxsize=1)
def files() -> dict[str, File]:
    """All of them by name."""
    return {path.name: _read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in KINDS}


def _read(path: Path) -> File:
    body = path.read_bytes()
    address = f"/static/{path.name}?v={sha256(body).hexdigest()[:12]}"
    return File(body, compress(body, 9, mtime=0), f"{KINDS[path.suffix]}; charset=utf-8", address)


@router.get("/static/{name}")
async def static(request: Request, name: str) -> Response:
    """One of the files."""
    file = files().get(name)
    if file is None:
        raise HTTPException(404, "There is no such file")
    headers = {"Cache-Control": KEPT, "Vary": "Accept-Encoding"}
    if takes_gzip(request):
        return Response(file.small, 200, {**headers, "Content-Encoding": "gzip"}, file.kind)
    return Response(file.body, 200, headers, file.kind)


def takes_gzip(request: Request) -> bool:
    """Whether the browser unpacks what it gets."""
    return "gzip" in request.headers.get("accept-encoding", "")
