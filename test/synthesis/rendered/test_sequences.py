# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import itertools

import numpy as np
import pytest
from support import captured

from pose_machine_ros.io.mocap.motion_capture import MotionCaptureDataset
from pose_machine_ros.skeleton import COCO_17, HUMAN36M_17
from pose_machine_ros.synthesis.rendered.close_ups import SIZE
from pose_machine_ros.synthesis.rendered.viewpoint import project


@pytest.fixture(scope='module')
def source(tmp_path_factory):
    for package in ('anny', 'pyrender'):
        pytest.importorskip(package, reason=f'{package} is optional: docs/training.md')
    from pose_machine_ros.synthesis.rendered.sequences import SequenceRenderer
    data = MotionCaptureDataset.load(
        captured.write(tmp_path_factory.mktemp('mocap') / 'motion.npz', frames=300), 'train')
    return SequenceRenderer(data, [])


@pytest.fixture(scope='module')
def masks():
    return []


@pytest.fixture(scope='module')
def rendered(source, masks):
    """Return eight sequences; the person's masks are collected in `masks`, four for each."""
    render = source._renderer.render

    def collect(*arguments):
        picture, mask = render(*arguments)
        masks.append(mask)
        return picture, mask

    source._renderer.render = collect
    try:
        return list(itertools.islice(source.sequences((1, 2)), 8))
    finally:
        source._renderer.render = render


def test_joints_and_keypoints_lie_in_the_silhouette(rendered, masks):
    hits = []
    for i, sequence in enumerate(rendered):
        for frame, mask in enumerate(masks[4 * i:4 * (i + 1)]):
            for points, names in ((sequence.joints, HUMAN36M_17.names),
                                  (sequence.keypoints3d, COCO_17.names)):
                limbs = [i for i, name in enumerate(names) if name.rpartition('_')[2] in (
                    'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')]
                pixels = project(points[frame, limbs], sequence.matrix[frame]).round().astype(int)
                hits += [mask[v, u] > 0.5 for u, v in pixels if 0 <= min(u, v) <= max(u, v) < SIZE]
    assert len(hits) > 500 and np.mean(hits) > 0.97


def test_pictures_are_of_one_size_and_not_empty(rendered):
    for sequence in rendered:
        for frame in range(4):
            picture = sequence.picture(frame)
            assert picture.shape == (SIZE, SIZE, 3)
            assert picture.std() > 3


def test_the_body_stays_the_same_in_a_sequence(rendered):
    hip, knee = HUMAN36M_17.indices(('left_hip', 'left_knee'))
    for sequence in rendered:
        thigh = np.linalg.norm(sequence.joints[:, hip] - sequence.joints[:, knee], axis=-1)
        np.testing.assert_allclose(thigh, thigh[0], rtol=0.02)
        assert 1.3 < sequence.stature < 2.2
        assert np.isclose(np.linalg.norm(sequence.up), 1, atol=1e-5)


def test_the_same_seed_gives_the_same_pictures(source):
    first, again = (next(source.sequences((4, 0))) for _ in range(2))
    np.testing.assert_array_equal(first.jpeg[3], again.jpeg[3])
    np.testing.assert_array_equal(first.joints, again.joints)
