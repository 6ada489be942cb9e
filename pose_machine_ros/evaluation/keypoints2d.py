# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The machine's 2D keypoints and ids on real footage, against the keypoints of another detector.

`python -m pose_machine_ros.evaluation.keypoints2d --truth DIR --videos DIR`; the folders are those
of `real_video`.
"""

from __future__ import annotations

import argparse
from collections import Counter
import json
from pathlib import Path

import numpy as np
import torch

from pose_machine_ros.evaluation import real_video
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.frame_offset import frame_offset, together
from pose_machine_ros.evaluation.real_video import find_truths, KNOWN_SCORE, LIMB_KEYPOINTS
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import LIMB_JOINTS

_FOUND = 0.08  # of the longer side of the picture: mean distance up to which it is the man


def evaluate(truth_dir: Path, videos_dir: Path,
             config: MachineConfig = MachineConfig()) -> dict:
    """Return per view `mean_px` over the 12 limb joints, `frames`, `found` and the man's `ids`.

    Frames are those that `frame_offset` says belong together.
    """
    machine = PoseMachine(config)
    result = {}
    for truth in find_truths(truth_dir):
        video = truth.video(videos_dir)
        seen = [people for _, people in real_video.watch(truth, videos_dir, machine)]
        man = np.stack([real_video.pick_person(people, expected, video)
                        for people, expected in zip(seen, truth.keypoints)])
        behind = frame_offset(man[:, LIMB_KEYPOINTS], truth.keypoints[:len(man)])
        pairs = list(zip(*together(seen, truth.keypoints[:len(man)], behind)))
        limit = _FOUND * max(video.width, video.height)
        result[truth.name] = {'frame_offset': behind, **_compare(pairs, limit)}
    return result


def _compare(pairs: list[tuple[list[Skeleton], np.ndarray]], limit: float) -> dict:
    """Return the figures of frames of skeletons, each with the man's keypoints (12, 3)."""
    errors, ids = [], Counter()
    for people, expected in pairs:
        known = expected[:, 2] > KNOWN_SCORE
        away = {s.id: np.linalg.norm(s.keypoints[LIMB_KEYPOINTS, :2] - expected[:, :2],
                                     axis=-1)[known] for s in people}
        if not known.any():  # the other detector missed him: he only has to be there
            ids.update([i for i in ids if i in away][:1])
            continue
        away = {i: e for i, e in away.items() if np.isfinite(e).all()}
        nearest = min(away, key=lambda i: away[i].mean(), default=None)
        if nearest is not None and away[nearest].mean() < limit:
            errors.append(away[nearest])
            ids[nearest] += 1
    return {'mean_px': float(np.concatenate(errors).mean()) if errors else float('nan'),
            'frames': len(pairs), 'found': sum(ids.values()), 'ids': dict(ids)}


def noise_of(clip: Clip) -> dict[str, dict[str, float]]:
    """Return per limb joint how the 2D network errs against the projected truth.

    `bias_x`, `bias_y`, `jitter` (deviation from the bias) in units of the person's apparent size;
    `correlation_s`, the time in which the jitter's correlation falls to 1 / e; `score`. What the
    training's noise model was fitted to.
    """
    with torch.no_grad():
        truth = clip.camera.project(torch.tensor(clip.truth)).numpy()
    middle = np.nanmean(truth, 1, keepdims=True)
    size = np.sqrt(np.nanmean(((truth - middle) ** 2).sum(-1)))
    error = (clip.keypoints[:, LIMB_KEYPOINTS, :2] - truth) / size
    step = float(np.median(np.diff(clip.stamps_ns))) * 1e-9
    result = {}
    for i, name in enumerate(LIMB_JOINTS):
        known = error[np.isfinite(error[:, i]).all(-1), i]
        bias = known.mean(0)
        jitter = known - bias
        alike = [(jitter[k:] * jitter[:len(jitter) - k]).sum() for k in range(len(jitter) // 2)]
        below = np.flatnonzero(np.array(alike) < alike[0] / np.e)
        result[name] = {
            'bias_x': float(bias[0]), 'bias_y': float(bias[1]),
            'jitter': float(np.sqrt((jitter ** 2).mean())),
            'correlation_s': float(below[0] * step) if below.size else float('nan'),
            'score': float(np.nanmean(clip.keypoints[:, LIMB_KEYPOINTS[i], 2]))}
    return result


def main() -> None:
    """Print the figures, and write them to --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--truth', type=Path, required=True)
    parser.add_argument('--videos', type=Path, required=True)
    parser.add_argument('--json', type=Path)
    args = parser.parse_args()
    result = evaluate(args.truth, args.videos)
    for clip in real_video.clips(args.truth, args.videos):
        result[clip.name]['noise'] = noise_of(clip)
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2))


if __name__ == '__main__':
    main()
