# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np

from pose_machine_ros.synthesis.rendered.lights import random_lights


def test_lights_come_rather_from_above_and_from_the_camera():
    up = np.array((0.0, -1, 0))
    lights = [random_lights(up, np.random.default_rng(seed)) for seed in range(300)]
    directions = np.concatenate([light.directions for light in lights])
    np.testing.assert_allclose(np.linalg.norm(directions, axis=-1), 1)
    assert (directions @ up).mean() > 0.2 and directions[:, 2].mean() < -0.1
    assert {len(light.directions) for light in lights} == {1, 2, 3}
