# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Weights of the networks: where they are, their checksums, loading without pickles."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, load_file
from torch import nn, Tensor

from pose_machine_ros.errors import WeightsError
from pose_machine_ros.install_prefixes import shared_paths

FOLDER_VARIABLE = 'POSE_MACHINE_WEIGHTS'
_SUMS = 'SHA256SUMS'
_UNKNOWN = 'nothing'  # in place of the checksum of weights that are not listed
_REPAIR = ('reinstall pose_machine_ros (pip install --force-reinstall, or colcon build), or run '
           '"git checkout resource/weights" in a source checkout, '
           f'or set {FOLDER_VARIABLE} to a folder that holds it')


def weights_folder() -> Path:
    """Return the folder that holds the weights.

    That is the folder in the environment variable POSE_MACHINE_WEIGHTS, else that of the source
    checkout of this module, else that installed by pip or colcon. Raises WeightsError if there is
    none.
    """
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    folders = [Path(__file__).resolve().parents[1] / 'resource' / 'weights',
               *shared_paths('pose_machine_ros', 'weights')]
    for folder in folders:
        if (folder / _SUMS).is_file():
            return folder
    raise WeightsError(f'no weights in {", ".join(map(str, folders))}; {_REPAIR}')


def weights_path(name: str) -> Path:
    """Return the file of the weights called `name`, which may be missing."""
    return weights_folder() / f'{name}.safetensors'


def expected_sha256(name: str) -> str:
    """Return the SHA-256 of the weights called `name` in SHA256SUMS.

    Raises WeightsError if that file cannot be read.
    """
    path = weights_path(name)
    try:
        lines = (path.parent / _SUMS).read_text().splitlines()
    except OSError as error:
        raise WeightsError(f'weights {name!r} are missing: {error}; {_REPAIR}') from error
    expected = {line.split()[-1]: line.split()[0] for line in lines if line.strip()}
    return expected.get(path.name, _UNKNOWN)


def has_weights(name: str) -> bool:
    """Return whether SHA256SUMS lists weights called `name`.

    Raises WeightsError if that file cannot be read.
    """
    return expected_sha256(name) != _UNKNOWN


def load_weights(name: str) -> dict[str, Tensor]:
    """Return the weights called `name`, float32, after a check of the file's SHA-256.

    Raises WeightsError for a file that is missing or differs from that in SHA256SUMS.
    """
    path, expected = weights_path(name), expected_sha256(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f'weights {name!r} are missing: {error}; {_REPAIR}') from error
    digest = hashlib.sha256(content).hexdigest()
    if expected != digest:
        raise WeightsError(f'{path} is damaged: SHA-256 is {digest}, '
                           f'{_SUMS} says {expected}; {_REPAIR}')
    try:
        return {key: value.float() for key, value in load(content).items()}
    except SafetensorError as error:
        raise WeightsError(f'{path} is not a safetensors file ({error}); {_REPAIR}') from error


def load_file_of_weights(path: Path, advice: str) -> dict[str, Tensor]:
    """Return the weights in a file of the user, float32.

    Raises WeightsError, whose message ends with `advice`, if it holds none.
    """
    try:
        return {key: value.float() for key, value in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise WeightsError(f'{path} holds no weights ({error}); {advice}') from error


def load_into(network: nn.Module, path: Path, advice: str) -> None:
    """Load a weights file of the user into `network`.

    Raises WeightsError, whose message ends with `advice`, if it does not fit.
    """
    try:
        network.load_state_dict({key: value.float() for key, value in load_file(path).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = ' '.join(str(error).split(maxsplit=20)[:20])
        raise WeightsError(f'{path} holds no fitting weights ({reason}); {advice}') from error
