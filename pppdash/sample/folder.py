"""Writing a made city whole or not at all, and never over somebody else's."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from pppdash.errors import UsageError

MANIFEST = "sample.json"
BUILT = ("warehouse", "rejected")  # what `build` adds to a city's folder; it stays


def check_replaceable(folder: Path, inputs: Collection[Path]) -> None:
    """Refuse a folder that holds anything but an earlier sample, unchanged.

    ``inputs`` are the recipe and area files that this sample is made from: they may have changed.

    Raises
    ------
    UsageError
        Something in ``folder`` was not written by ``sample``, or was edited since.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder for the sample city.")
    written = _written(folder)
    for path in sorted(folder.iterdir()):
        if path in inputs or (written and path.name in (MANIFEST, *BUILT)):
            continue
        if path.name not in written:
            raise UsageError(
                f"{folder} holds {path.name}, which is not of a sample city; name a new folder."
            )
        if _digest(path) != written[path.name]:
            raise UsageError(
                f"{path} was changed since the sample was made; name a new folder, or delete it."
            )


def _written(folder: Path) -> dict[str, str]:
    """Return the files an earlier sample wrote, with their digests; empty where there is none."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return files if isinstance(files, dict) else {}


def write_manifest(folder: Path, targets: int, buildings: int, seed: int) -> None:
    """Record how the sample was made and a digest of each of its files."""
    manifest = {
        "made_by": "python -m pppdash sample",
        "targets": targets,
        "buildings": buildings,
        "seed": seed,
        "files": {path.name: _digest(path) for path in sorted(folder.iterdir())},
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8", newline="\n")


def _digest(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write in, and put it in place of ``folder`` once all went well.

    What a build added to the old folder moves into the new one. After an interruption ``folder``
    is as it was; at worst a hidden folder lies beside it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        new = beside / "new"  # mkdtemp's own folder could be read by nobody else
        new.mkdir()
        yield new
        _swap(new, folder, beside / "old")
    finally:
        shutil.rmtree(beside)


def _swap(new: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    try:
        for name in BUILT:
            if (old / name).exists():
                (old / name).rename(new / name)
        new.rename(folder)
    except BaseException:
        _restore(new, folder, old)
        raise


def _restore(new: Path, folder: Path, old: Path) -> None:
    """Put the old folder back, with what a build had added to it."""
    if not old.exists() or folder.exists():
        return
    for name in BUILT:
        if (new / name).exists():
            (new / name).rename(old / name)
    old.rename(folder)
