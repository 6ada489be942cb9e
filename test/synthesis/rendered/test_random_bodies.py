# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis.rendered import rig
from pose_machine_ros.synthesis.rendered.poser import Poser
from pose_machine_ros.synthesis.rendered.skinning import pose, skin


@pytest.fixture(scope='module')
def bodies():
    for package in ('anny', 'pyrender'):
        pytest.importorskip(package, reason=f'{package} is optional: docs/training.md')
    from pose_machine_ros.synthesis.rendered.random_bodies import RandomBodies
    return RandomBodies()


@pytest.fixture(scope='module')
def samples(bodies):
    rng = np.random.default_rng(0)
    return [bodies.sample(rng) for _ in range(20)]


def test_bodies_differ_and_are_people(samples):
    statures = [np.ptp(body.vertices[:, 2]) for body in samples]
    assert 1.3 < min(statures) and max(statures) < 2.1 and np.std(statures) > 0.05


def test_the_same_seed_gives_the_same_body(bodies):
    first, again = (bodies.sample(np.random.default_rng(8)) for _ in range(2))
    np.testing.assert_array_equal(first.vertices, again.vertices)


def test_the_weights_are_means(bodies):
    np.testing.assert_allclose(bodies.model.weights.sum(1), 1, atol=1e-3)
    np.testing.assert_allclose(bodies.model.keypoint_weights.sum(1), 1, atol=1e-3)


def test_the_rest_pose_does_not_move_the_body(bodies, samples):
    model, body = bodies.model, samples[0]
    bones = pose(model, body, np.tile(np.eye(3), (1, len(model.bones), 1, 1)),
                 np.tile(np.eye(3), (len(model.bones), 1, 1)))
    skinned = skin(model, body, body.vertices, bones)[0]
    np.testing.assert_allclose(skinned, body.vertices - body.heads[0], atol=2e-3)


def test_left_is_left_and_the_face_is_in_front(bodies, samples):
    points = dict(zip(COCO_17.names, bodies.model.keypoints(samples[0].vertices[None])[0]))
    for part in ('shoulder', 'hip', 'wrist', 'ankle', 'ear'):
        assert points[f'left_{part}'][0] > points[f'right_{part}'][0]
    assert points['nose'][1] < points['left_ear'][1] - 0.05


def test_surfaces_are_closed_from_outside(bodies, samples):
    vertices, faces = samples[0].vertices.astype(float), bodies.model.faces
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    volume = (a * np.cross(b - a, c - a)).sum() / 6
    assert 0.03 < volume < 0.15  # cubic metres


def test_it_has_the_bones_that_are_posed(bodies, samples):
    """Posing names bones; a model without one of them would fail."""
    Poser(bodies.model, samples[0], np.random.default_rng(0)).rotations(
        np.random.default_rng(1).normal(size=(2, 25, 3)))
    assert {*rig.LIMBS, 'pelvis', 'abdomen', 'chest', 'neck', 'head', 'hand', 'foot'} == set(
        bodies.model.bone_parts)
