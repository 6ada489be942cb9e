# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Output files that are written completely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import secrets

from pose_machine_ros.errors import InputError


@contextmanager
def atomic_output(path: str | Path) -> Iterator[Path]:
    """Yield a temporary file in the folder of `path`; at the end of the block it replaces `path`.

    After an error, or if nothing was written, there is no new file, and an earlier file `path` is
    unchanged. Raises InputError before the block if the file cannot be written.
    """
    partial, target = _begin(path)
    try:
        yield partial
        try:
            if partial.stat().st_size:
                os.replace(partial, target)
        except OSError as error:
            raise InputError(f'cannot write {path}: {error}') from error
    finally:
        partial.unlink(missing_ok=True)


def check_output(path: str | Path) -> None:
    """Raise InputError if the file `path` cannot be written; changes nothing."""
    partial, _ = _begin(path)
    partial.unlink()


def create_output_folder(path: str | Path) -> Path:
    """Create the folder `path` if it is missing, and return it.

    Raises InputError if files cannot be created in it.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f'.{secrets.token_hex(4)}'
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f'cannot write to the folder {path}: {error.strerror or error}; choose '
                         'a folder that you may write to') from error
    return path


def cache_folder() -> Path:
    """Return the user's folder for files that can be made again; it may not exist yet."""
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'pose_machine_ros'


def _begin(path: str | Path) -> tuple[Path, Path]:
    """Create an empty file in the folder of `path`; return it and the file that it will replace."""
    path = Path(path)
    if not path.parent.is_dir():
        raise InputError(f'cannot write {path}: there is no folder {path.parent}; create it, or '
                         'give another name')
    if path.exists() and not path.is_file():
        raise InputError(f'cannot write {path}: it is not a regular file; give the name of a file')
    target = path.resolve()  # a symbolic link stays one
    # Same suffix: several libraries choose the format by it.
    partial = target.with_name(f'.{target.stem}.{secrets.token_hex(4)}{target.suffix}')
    try:
        partial.touch(exist_ok=False)
    except OSError as error:
        raise InputError(f'cannot write {path}: {error.strerror or error}; choose a folder that '
                         'you may write to') from error
    return partial, target
