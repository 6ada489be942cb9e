# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the networks' weights are, and loading them without running code from the file."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, load_file
from torch import nn, Tensor

from pose_machine_ros.errors import WeightsError
from pose_machine_ros.install_prefixes import install_prefixes

FOLDER_VARIABLE = 'POSE_MACHINE_WEIGHTS'
_SUMS = 'SHA256SUMS'
_INSTALLED = Path('share') / 'pose_machine_ros' / 'weights'
_REPAIR = ('reinstall pose_machine_ros (pip install --force-reinstall, or colcon build), or run '
           '"git checkout resource/weights" in a source checkout, '
           f'or let {FOLDER_VARIABLE} name a folder that holds it')


def weights_folder() -> Path:
    """Return the folder that holds the weights.

    The folder named by the environment variable POSE_MACHINE_WEIGHTS; else that of the source
    checkout this module is in; else that installed by pip or colcon. Raises WeightsError where
    there is none.
    """
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    folders = [Path(__file__).resolve().parents[1] / 'resource' / 'weights',
               *(prefix / _INSTALLED for prefix in install_prefixes())]
    for folder in folders:
        if (folder / _SUMS).is_file():
            return folder
    raise WeightsError(f'no weights in {", ".join(map(str, folders))}; {_REPAIR}')


def weights_path(name: str) -> Path:
    """Return the file of the weights called `name`; it need not be there."""
    return weights_folder() / f'{name}.safetensors'


def checksum(name: str) -> str:
    """Return the SHA-256 that the weights called `name` must have; raises WeightsError."""
    path = weights_path(name)
    try:
        lines = (path.parent / _SUMS).read_text().splitlines()
    except OSError as error:
        raise WeightsError(f'weights {name!r} are missing: {error}; {_REPAIR}') from error
    expected = {line.split()[-1]: line.split()[0] for line in lines if line.strip()}
    return expected.get(path.name, 'nothing')


def load_weights(name: str) -> dict[str, Tensor]:
    """Return the tensors called `name`, float32, after checking the file's SHA-256.

    Raises WeightsError for a missing file, and for one that differs from that listed in SHA256SUMS.
    """
    path, expected = weights_path(name), checksum(name)
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
        raise WeightsError(f'{path} is no safetensors file ({error}); {_REPAIR}') from error


def load_into(network: nn.Module, path: Path, advice: str) -> None:
    """Load a file of the user's own into `network`; raises WeightsError, which ends in `advice`."""
    try:
        network.load_state_dict({key: value.float() for key, value in load_file(path).items()})
    except (OSError, SafetensorError, RuntimeError) as error:
        reason = ' '.join(str(error).split(maxsplit=20)[:20])
        raise WeightsError(f'{path} holds no fitting weights ({reason}); {advice}') from error
