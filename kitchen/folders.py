"""Folders to write into: made when they are missing, filled all at once, never half.

What `kitchen.files` does for one file, this does for a folder of them.
"""

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

from kitchen.errors import FileError, inline, shown


@contextmanager
def made(path):
    """Make a folder, and those above it, for the length of a piece of work that writes into it.

    Yields its `Path`. When the block fails, the folders that were made for it are gone again,
    unless something stands in them.

    Raises
    ------
    FileError
        At once, before the block begins, if there is a file of that name or nothing can be
        written there.
    """
    new = []
    try:
        yield _make(path, new)
    except BaseException:
        for folder in reversed(new):
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def filled(path):
    """Fill a folder so that either all of the new files appear in it or none.

    Yields the `Path` of an empty folder. When the block ends well, what was written there, one
    level of folders deep or several, has moved to `path`, where files of the same names are
    replaced and all others stay.

    Raises
    ------
    FileError
    """
    with made(path) as folder, tempfile.TemporaryDirectory(prefix=".", dir=folder) as staging:
        new, old = Path(staging) / "new", Path(staging) / "old"
        new.mkdir()
        old.mkdir()
        try:
            yield new
        except FileError as error:  # of a file that is on its way to `folder`
            raise FileError(str(error).replace(str(new), str(folder))) from error
        sources = sorted(new.rglob("*"))
        moves = [(source, folder / source.relative_to(new)) for source in sources]
        for source, target in moves:
            if target.exists() and source.is_dir() != target.is_dir():
                kind = "a folder" if target.is_dir() else "a file"
                raise FileError(f"{inline(target)}: cannot be written: {kind} has this name.")
            if target.is_file() and not os.access(target, os.W_OK):
                raise FileError(f"{inline(target)}: cannot be written: it is read-only.")
        _move_all(moves, old)


def _move_all(moves: list[tuple[Path, Path]], old: Path) -> None:
    """Move every source to its target, or, if one cannot be moved, leave all targets as they were.

    A link is followed, and a file that is replaced hands its permissions on.
    """
    done: list[tuple[Path, Path | None]] = []
    try:
        for number, (source, target) in enumerate(moves):
            if source.is_dir():
                target.mkdir(exist_ok=True)
                continue
            place, kept = target.resolve(), None
            if place.exists():
                shutil.copymode(place, source)
                kept = old / str(number)
                os.replace(place, kept)
                done.append((place, kept))
            os.replace(source, place)
            if kept is None:
                done.append((place, None))
    except OSError as error:
        for place, kept in reversed(done):
            with suppress(OSError):
                if kept is None:
                    place.unlink()
                else:
                    os.replace(kept, place)
        raise FileError(f"{inline(target)}: cannot be written: {error.strerror}.") from error


def folder_of(path) -> Path:
    """`path` as the name of a folder, whether there is one or not.

    Raises
    ------
    FileError
        If it cannot be one.
    """
    if not str(path):
        raise FileError("the name of the folder to write into is empty.")
    try:
        return Path(path)
    except TypeError:
        raise FileError(f"{shown(path)} cannot be the name of a folder.") from None


def _make(path, new: list[Path]) -> Path:
    """The folder `path`; what has to be made for it is added to `new`."""
    folder = folder_of(path)
    try:
        for part in [*reversed(folder.parents), folder]:
            if part.exists() and not part.is_dir():
                raise FileError(f"{inline(part)}: is a file. Give the name of a folder.")
            if not part.exists():
                part.mkdir(exist_ok=True)
                new.append(part)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        raise FileError(f"{inline(part)}: the folder cannot be made: {error.strerror}.") from error
    except (TypeError, ValueError) as error:
        raise FileError(f"{shown(path)} cannot be the name of a folder: {error}.") from None
    if not writable:
        raise FileError(f"{inline(folder)}: the folder cannot be written into.")
    return folder
