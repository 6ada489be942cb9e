# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.evaluation.clips import Clip
from pose_machine_ros.evaluation.keypoints2d import detector_noise, LIMB_KEYPOINTS, table


def test_the_statistics_are_those_of_added_noise():
    rng = np.random.default_rng(0)
    camera, frames, seconds = Camera.from_fov(640, 480), 6000, 0.1
    truth = np.broadcast_to(rng.uniform(-0.5, 0.5, (1, 12, 3)) + [0, 0, 3], (frames, 12, 3))
    pixels = camera.project(torch.from_numpy(truth.copy())).numpy()
    size = np.sqrt(((pixels[0] - pixels[0].mean(0)) ** 2).sum(-1).mean())
    keep = np.exp(-1 / 60 / seconds)
    jitter = rng.normal(size=(frames, 12, 2))
    for t in range(1, frames):
        jitter[t] = keep * jitter[t - 1] + np.sqrt(1 - keep ** 2) * jitter[t]
    keypoints = np.full((frames, 17, 3), 0.7)
    keypoints[:, LIMB_KEYPOINTS, :2] = pixels + size * (0.03 * jitter + [0.05, -0.02])
    clip = Clip('a', keypoints, np.arange(frames) * 10 ** 9 // 60, camera, truth, [], [])
    for figures in detector_noise(clip).values():
        assert figures['bias_x'] == pytest.approx(0.05, abs=0.01)
        assert figures['bias_y'] == pytest.approx(-0.02, abs=0.01)
        # Root mean square over both axes.
        assert figures['jitter'] == pytest.approx(0.03, rel=0.15)
        assert figures['correlation_s'] == pytest.approx(seconds, rel=0.35)
        assert figures['score'] == pytest.approx(0.7)


def test_the_table_has_a_row_for_every_view():
    figures = {'mean_px': 12.36, 'frames': 99, 'found': 98, 'ids': {'p1': 90, 'p2': 8}}
    rows = table({'cam01': figures, 'b': {**figures, 'ids': {}}}).splitlines()
    assert rows[0] == '| view  | mean distance px | found    | ids |'
    assert rows[2:] == ['| cam01 | 12.4             | 98 of 99 | 2   |',
                        '| b     | 12.4             | 98 of 99 | 0   |']
