# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The Vicon position files of UI-PRMD, rehabilitation exercises (Vakanski et al. 2018).

A file holds one repetition: one line per frame with x, y, z in millimetres of the 39 Plug-in Gait
markers, z up, 0 where a marker is hidden. Repetitions follow each other without a gap.
`m01_s02_e03` is the third repetition of movement 1 by subject 2; `_inc` at the end marks a movement
that is done incorrectly on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable
import gzip
from pathlib import Path
import re

import numpy as np

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.dropouts import longest_clean_run
from pose_machine_ros.io.mocap.plug_in_gait import MARKERS

FPS = 100.0
_NAME = re.compile(r'(m\d+)_(s\d+)_e(\d+)_positions(_inc)?\.txt(?:\.gz)?')
# Repetitions are similar: longer clips would dominate the other motion capture in training.
_MAX_SECONDS = 8.0


def recordings(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    """Return the repetitions, in order, of each recording among `paths`.

    The name of a recording is `<subject>_<movement>`, in the folder of the files; `_inc` at its end
    marks an incorrect movement.
    """
    found: dict[Path, list[tuple[int, Path]]] = {}
    for path in paths:
        if match := _NAME.fullmatch(path.name):
            movement, subject, repetition, incorrect = match.groups(default='')
            name = path.with_name(f'{subject}_{movement}{incorrect}')
            found.setdefault(name, []).append((int(repetition), path))
    return {name: [path for _, path in sorted(parts)] for name, parts in sorted(found.items())}


def read(repetitions: list[Path]) -> np.ndarray:
    """Return the markers (F, 39, 3) of a recording in metres, z up, at FPS.

    These are at most 8 s of the longest run of frames without a fault. Raises InputError if a file
    does not have the format or if every frame has a fault.
    """
    markers = np.concatenate([_read_repetition(path) for path in repetitions])
    clean = markers[longest_clean_run(markers, FPS)]
    if not len(clean):
        raise InputError(f'no frame of {repetitions[0].name} and the other repetitions '
                         'shows all markers')
    return clean[:int(_MAX_SECONDS * FPS)]


def _read_repetition(path: Path) -> np.ndarray:
    try:
        with (gzip.open if path.suffix == '.gz' else open)(path, 'rt') as file:
            values = np.loadtxt(file, delimiter=',', ndmin=2)
        markers = values.reshape(len(values), len(MARKERS), 3) / 1000
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f'{path} has no positions of {len(MARKERS)} markers ({error})') from error
    return np.where((markers == 0).all(-1, keepdims=True), np.nan, markers)
