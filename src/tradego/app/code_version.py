"""Which code runs: the version, and a digest of the source, so that a changed checkout is told
apart from the release it came from.
"""

from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from tradego import __version__


def code_version() -> str:
    """Such as "0.1.0+3f9a0c21"; the same sources make the same word."""
    digest = sha256()
    for name, content in sorted(_sources(files("tradego"), "")):
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return f"{__version__}+{digest.hexdigest()[:8]}"


def _sources(folder: Traversable, within: str) -> list[tuple[str, bytes]]:
    found = []
    for entry in folder.iterdir():
        path = f"{within}/{entry.name}"
        if entry.is_dir():
            found += [] if entry.name == "__pycache__" else _sources(entry, path)
        elif not entry.name.endswith(".pyc"):
            found.append((path, entry.read_bytes()))
    return found
