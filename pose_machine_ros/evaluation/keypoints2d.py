# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""2D keypoints and ids of the machine on real video, compared with those of another detector.

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

from pose_machine_ros.evaluation import real_video, report
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.frame_offset import align_frames, frame_offset
from pose_machine_ros.evaluation.real_video import (
    LIMB_KEYPOINTS, load_ground_truths, MIN_TRUTH_SCORE)
from pose_machine_ros.machine import MachineConfig, PoseMachine
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.skeleton import LIMB_JOINTS

_MAX_DISTANCE = 0.08  # mean, from the subject's keypoints, over the longer side of the image


def evaluate(truth_dir: Path, videos_dir: Path,
             config: MachineConfig = MachineConfig()) -> dict:
    """Return the figures of each view.

    `mean_px`: mean distance over the 12 limb joints; `frames`; `found`: frames in which the subject
    was found; `ids`: how often the subject had each id; `frame_offset`: that of the video, which
    the other figures take into account.
    """
    machine = PoseMachine(config)
    result = {}
    for truth in load_ground_truths(truth_dir):
        video = truth.video(videos_dir)
        seen = [people for _, people in real_video.run_machine(truth, videos_dir, machine)]
        subject = np.stack([real_video.select_subject(people, expected, video)[0]
                            for people, expected in zip(seen, truth.keypoints)])
        expected = truth.keypoints[:len(subject)]
        offset = frame_offset(subject[:, LIMB_KEYPOINTS], expected)
        pairs = list(zip(*align_frames(seen, expected, offset)))
        limit = _MAX_DISTANCE * max(video.width, video.height)
        result[truth.name] = {'frame_offset': offset, **_compare(pairs, limit)}
    return result


def _compare(pairs: list[tuple[list[Skeleton], np.ndarray]], limit: float) -> dict:
    """Return the figures of frames of skeletons, each with the subject's keypoints (12, 3)."""
    errors, ids = [], Counter()
    for people, expected in pairs:
        known = expected[:, 2] > MIN_TRUTH_SCORE
        away = {s.id: np.linalg.norm(s.keypoints[LIMB_KEYPOINTS, :2] - expected[:, :2],
                                     axis=-1)[known] for s in people}
        if not known.any():  # the other detector has no keypoints: only the id can be checked
            ids.update([i for i in ids if i in away][:1])
            continue
        away = {i: e for i, e in away.items() if np.isfinite(e).all()}
        nearest = min(away, key=lambda i: away[i].mean(), default=None)
        if nearest is not None and away[nearest].mean() < limit:
            errors.append(away[nearest])
            ids[nearest] += 1
    return {'mean_px': float(np.concatenate(errors).mean()) if errors else float('nan'),
            'frames': len(pairs), 'found': sum(ids.values()), 'ids': dict(ids)}


def detector_noise(clip: Clip) -> dict[str, dict[str, float]]:
    """Return the error statistics of the 2D network for each limb joint.

    The errors are those against the projected ground truth. `bias_x`, `bias_y` and `jitter` (the
    standard deviation about the bias) are in units of the person's apparent size; `correlation_s`
    is the time in which the correlation of the jitter falls to 1 / e; `score` is the mean. The
    noise model of the training was fitted to these figures.
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
        correlation = [(jitter[k:] * jitter[:len(jitter) - k]).sum()
                       for k in range(len(jitter) // 2)]
        below = np.flatnonzero(np.array(correlation) < correlation[0] / np.e)
        result[name] = {
            'bias_x': float(bias[0]), 'bias_y': float(bias[1]),
            'jitter': float(np.sqrt((jitter ** 2).mean())),
            'correlation_s': float(below[0] * step) if below.size else float('nan'),
            'score': float(np.nanmean(clip.keypoints[:, LIMB_KEYPOINTS[i], 2]))}
    return result


def table(figures: dict) -> str:
    """Return the figures of `evaluate` as a Markdown table."""
    return report.markdown_table(['view', 'mean distance px', 'found', 'ids'], [
        [view, f'{f["mean_px"]:.1f}', f'{f["found"]} of {f["frames"]}', str(len(f['ids']))]
        for view, f in figures.items()])


def main() -> None:
    """Print the figures and write the requested files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--truth', type=Path, required=True, metavar='DIR',
                        help='folder with <camera>_truth.npz')
    parser.add_argument('--videos', type=Path, required=True, metavar='DIR',
                        help='folder with <camera>.mp4')
    parser.add_argument('--json', type=Path, metavar='FILE', help='file to write the figures to')
    parser.add_argument('--update', type=Path, metavar='FILE',
                        help='Markdown page whose table to replace')
    parser.add_argument('--marker', default='keypoints2d', metavar='NAME',
                        help='name of the lines <!-- NAME --> and <!-- /NAME --> around that '
                        'table (default: %(default)s)')
    args = parser.parse_args()
    result = evaluate(args.truth, args.videos)
    if args.update:
        report.update(args.update, args.marker, table(result))
    for clip in real_video.clips(args.truth, args.videos):
        result[clip.name]['noise'] = detector_noise(clip)
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2))


if __name__ == '__main__':
    main()
