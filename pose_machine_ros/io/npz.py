# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""NPZ files: written completely or not at all, read without pickles, errors with the fix."""

from __future__ import annotations

from pathlib import Path
import zipfile

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import atomic_output


def npz_path(path: str | Path) -> Path:
    """Return `path` with the suffix that NumPy gives an NPZ file."""
    path = Path(path)
    return path if path.suffix == '.npz' else path.with_name(f'{path.name}.npz')


def write_npz(path: str | Path, **arrays: np.ndarray) -> None:
    """Write arrays by name; raises InputError if the file cannot be written."""
    with atomic_output(npz_path(path)) as partial:
        try:
            np.savez_compressed(partial, **arrays)
        except OSError as error:
            raise InputError(f'cannot write {path}: {error}') from error


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file by name; raises InputError if it cannot be read."""
    try:
        if not zipfile.is_zipfile(path):
            raise InputError(f'{path} is not an NPZ file but {_file_type(path.read_bytes())}; '
                             'write it with numpy.savez')
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: _array(path, file, name) for name in file.files}
    except InputError:
        raise
    except Exception as error:  # zipfile and NumPy raise many kinds for damaged files
        raise InputError(f'{path} is not a readable NPZ file: {error}; write it again with '
                         'numpy.savez') from error
    # For files in it that are not arrays, NumPy returns bytes.
    return {name: array for name, array in arrays.items() if isinstance(array, np.ndarray)}


def _array(path: Path, file: np.lib.npyio.NpzFile, name: str) -> np.ndarray:
    try:
        return file[name]
    except ValueError as error:
        if 'allow_pickle' not in str(error):
            raise
        raise InputError(
            f'{path}: the array {name!r} holds pickled objects, which are not loaded; save numbers '
            'with a dtype of numbers, and names with dtype=str') from error


def _file_type(content: bytes) -> str:
    """Return the type of a file that is not an NPZ file, for an error message."""
    if content.startswith(b'\x93NUMPY'):
        return 'a single array (NPY)'
    if content[:1] == b'\x80':
        return 'a pickle'
    if content.lstrip()[:1] in (b'{', b'['):
        return 'JSON: give it a name that ends in .json'
    return 'empty' if not content else 'of another kind'
