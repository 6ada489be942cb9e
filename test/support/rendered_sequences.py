# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Sequences of random numbers in place of rendered people."""

import cv2
import numpy as np

from pose_machine_ros.synthesis.rendered.shards import RenderedSequence


def random_sequence(seed: int) -> RenderedSequence:
    """Return a sequence of four small pictures."""
    rng = np.random.default_rng(seed)
    jpeg = [cv2.imencode('.jpg', rng.integers(0, 255, (8 + seed, 8, 3), np.uint8))[1].ravel()
            for _ in range(4)]
    return RenderedSequence(
        jpeg, rng.normal(size=(4, 17, 3)), rng.normal(size=(4, 17, 3)), rng.normal(size=(4, 3, 3)),
        rng.normal(size=(4, 4)), np.array(1.7), rng.random((4, 17)) < 0.5,
        rng.random((4, 17)) < 0.5, rng.normal(size=3), rng.random(4))
