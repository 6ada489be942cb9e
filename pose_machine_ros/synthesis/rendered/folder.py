# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A folder of rendered sequences: files that do not exist yet are rendered."""

from __future__ import annotations

from collections.abc import Sequence
import itertools
import logging
from pathlib import Path
import time

import cv2
import torch

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.io.output_files import create_output_folder
from pose_machine_ros.synthesis.rendered.shards import write_shard
from pose_machine_ros.synthesis.rendered.textures import load_photos

SHARD = 50  # sequences in a file
_LOGGER = logging.getLogger(__name__)


def shard_sizes(sequences: int) -> list[int]:
    """Return how many sequences each file has; raises InputError if there are none."""
    if sequences < 1:
        raise InputError(f'{sequences} sequences: ask for at least 1')
    full, rest = divmod(sequences, SHARD)
    return [SHARD] * full + [rest] * (rest > 0)


def render_people(data: Sequence[Path], split: str, out: Path, sequences: int, seed: int,
                  backgrounds: Path | None = None) -> None:
    """Render `sequences` sequences to files in the folder `out`; existing files are kept.

    A file depends on the seed and its own number only. Raises InputError for unusable files, and if
    anny or pyrender is missing.
    """
    sizes = shard_sizes(sequences)
    # Imported here, because it fails without the optional dependencies.
    from pose_machine_ros.synthesis.rendered.sequences import FRAMES, SequenceRenderer
    cv2.setNumThreads(1)  # small pictures; a machine with more cores runs several commands
    torch.set_num_threads(1)
    photos = load_photos(backgrounds)
    capture = MotionCaptureDataset.load(list(data), split)
    create_output_folder(out)
    missing = [(number, size) for number, size in enumerate(sizes)
               if not shard_path(out, number).exists()]
    if kept := len(sizes) - len(missing):
        _LOGGER.info('%s: %d of %d files exist', out, kept, len(sizes))
    if not missing:
        return
    renderer = SequenceRenderer(capture, photos)
    for number, size in missing:
        start = time.perf_counter()
        rendered = list(itertools.islice(renderer.sequences((seed, number)), size))
        path = shard_path(out, number)
        write_shard(path, rendered)
        pictures = size * FRAMES
        _LOGGER.info('%s: %d pictures, %.3f s each', path, pictures,
                     (time.perf_counter() - start) / pictures)


def shard_path(folder: Path, number: int) -> Path:
    """Return the file with this number in the folder."""
    return folder / f'people_{number:04d}.npz'
