# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Conversion of a folder of capture files to the NPZ that training reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
import logging
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.mocap import asf_amc, bvh, plug_in_gait, ui_prmd
from pose_machine_ros.io.mocap.joints import joints_from_capture
from pose_machine_ros.io.mocap.motion_capture import interpolate_frames
from pose_machine_ros.skeleton import MOCAP_25

FPS = 30.0
_MIN_FRAMES = 15
_log = logging.getLogger(__name__)
_Reader = Callable[[], tuple[np.ndarray, float]]  # returns joints (F, 25, 3) and their rate in Hz


def import_folder(folder: Path, out: Path, test_subjects: Sequence[str] = (),
                  scale: float | None = None, amc_fps: float = asf_amc.AMC_FPS) -> dict[str, int]:
    """Write all motion capture below `folder` to the NPZ `out`, at 30 Hz.

    It reads BVH and AMC files, and the Vicon position files of UI-PRMD. As at mocap.cs.cmu.edu, the
    part of a BVH or AMC name before the first underscore is the subject: `05_02.amc` needs `05.asf`
    in the same folder. The repetitions of UI-PRMD become one clip per subject and movement. A
    recording that cannot be read is logged and left out. Returns the numbers of `clips`, `frames`
    and recordings `left_out`. Raises InputError if no recording is left.
    """
    sources = _sources(Path(folder), scale, amc_fps)
    if not sources:
        raise InputError(f'{folder} has no .bvh or .amc files and no position files of UI-PRMD')
    clips: dict[str, np.ndarray] = {}
    for path, read in tqdm(sources.items(), 'import', unit='recording'):
        try:
            clip = _resampled(*read())
            if len(clip) < _MIN_FRAMES:
                raise InputError(f'{path} has {len(clip)} usable frames at {FPS:.0f} Hz; '
                                 f'at least {_MIN_FRAMES} are required')
            if not np.isfinite(clip).all():
                raise InputError(f'{path} has values that are not finite')
        except InputError as error:
            _log.warning('left out: %s', error)
            continue
        clips[str(path.relative_to(folder).with_suffix(''))] = clip
    if not clips:
        raise InputError(f'none of the {len(sources)} recordings in {folder} could be read; '
                         'the log has the reasons')
    _write(clips, out, test_subjects)
    return {'clips': len(clips), 'frames': sum(map(len, clips.values())),
            'left_out': len(sources) - len(clips)}


def _sources(folder: Path, scale: float | None, amc_fps: float) -> dict[Path, _Reader]:
    """Return a reader for each recording, by its path without the number of the repetition."""
    paths = sorted(p for p in folder.rglob('*') if p.is_file())
    files = (p for p in paths if p.suffix.lower() in ('.bvh', '.amc'))
    return {path: partial(_read_file, path, scale, amc_fps) for path in files} | {
        path: partial(_read_repetitions, path, parts)
        for path, parts in ui_prmd.recordings(paths).items()}


def _read_file(path: Path, scale: float | None, amc_fps: float) -> tuple[np.ndarray, float]:
    if path.suffix.lower() == '.bvh':
        capture = bvh.read(path)
    else:
        skeleton = path.with_name(_subject(path.stem) + '.asf')
        if not skeleton.exists():
            raise InputError(f'{path} needs the skeleton file {skeleton}')
        capture = asf_amc.read(skeleton, path, amc_fps)
    return joints_from_capture(capture, scale), capture.fps


def _read_repetitions(path: Path, parts: list[Path]) -> tuple[np.ndarray, float]:
    try:
        return plug_in_gait.joints_from_markers(ui_prmd.read(parts)), ui_prmd.FPS
    except InputError as error:
        raise InputError(f'{path}: {error}') from error


def _resampled(joints: np.ndarray, fps: float) -> np.ndarray:
    """Resample joints (F, 25, 3) from `fps` to FPS."""
    times = np.arange(0, (len(joints) - 1) / fps + 1e-9, 1 / FPS) * fps
    return interpolate_frames(joints, np.minimum(times, len(joints) - 1))


def _subject(name: str) -> str:
    return Path(name).name.partition('_')[0]


def _write(clips: dict[str, np.ndarray], out: Path, test_subjects: Sequence[str]) -> None:
    lengths = np.array([len(c) for c in clips.values()], np.int32)
    joints = np.concatenate([c - c[:1, :1] * (1, 1, 0) for c in clips.values()])
    subjects = [_subject(name) for name in clips]
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out, root=joints[:, 0].astype(np.float32),
        rel=(joints[:, 1:] - joints[:, :1]).astype(np.float16),
        starts=np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int32), lengths=lengths,
        split=['test' if s in test_subjects else 'train' for s in subjects],
        clip=list(clips), subject=subjects, fps=np.full(len(clips), FPS),
        joints=[_short(n) for n in MOCAP_25.names])


def _short(name: str) -> str:
    side, _, part = name.partition('_')
    return f'{side[0]}_{part}' if side in ('left', 'right') else name
