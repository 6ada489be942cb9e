# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import numpy as np
import pytest
from support.observations import standing_pose

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.detections import Detection, DetectionSequence
from pose_machine_ros.keypoint_sequence import KeypointSequence
from pose_machine_ros.lifting.config import LiftingConfig
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.skeleton import COCO_17, convert_keypoints, HUMAN36M_17

FPS = 30
CAMERA = Camera(np.array([[600.0, 0, 320], [0, 600, 240], [0, 0, 1]]), 640, 480)


def walk(frames, x=0.0):
    """Return keypoints (F, 17, 3) of a person who walks away, `x` metres to the right."""
    joints = standing_pose().numpy() + [x, 0.1, 4]
    joints = joints + np.array([0.2, 0, 1]) / FPS * np.arange(frames)[:, None, None]
    pixels = joints @ CAMERA.matrix.T
    scores = np.full((frames, 17, 1), 0.9)
    keypoints = np.concatenate((pixels[..., :2] / pixels[..., 2:], scores), -1)
    return convert_keypoints(keypoints, HUMAN36M_17, COCO_17)


def sequence(*people, order=None, names=None):
    """Return the sequence of people (F, 17, 3); `order` shuffles them in a frame."""
    frames = {}
    for i, seen in enumerate(zip(*people)):
        detections = [Detection(k, n) for k, n in zip(seen, names or [None] * len(seen))]
        frames[i] = [detections[j] for j in (range(len(detections)) if order is None else order[i])]
    return KeypointSequence.of_detections(DetectionSequence(Path('in.json'), frames), FPS, CAMERA)


def lifted(sequence):
    lifter = PoseLifter(LiftingConfig(correction='none'), 'cpu')
    return [{s.id: s.xyz for s in skeletons} for _, skeletons in sequence.lift(lifter)]


def test_stamps_follow_from_the_rate():
    stamps = sequence(walk(91)).stamps_ns
    assert stamps[0] == 0 and stamps[30] == 10 ** 9 and stamps[90] == 3 * 10 ** 9
    assert stamps.dtype == np.int64


def test_people_are_tracked_by_position_in_any_order():
    left, right = walk(20, -1.0), walk(20, 1.0)
    order = np.random.default_rng(0).permuted(np.tile([0, 1], (20, 1)), axis=1)
    found = sequence(left, right, order=order).people
    assert all(set(frame) == {'p1', 'p2'} for frame in found)
    first = left if order[0, 0] == 0 else right
    np.testing.assert_allclose(np.stack([f['p1'] for f in found]), first, rtol=1e-5)


def test_people_keep_the_identity_of_the_file():
    there = np.concatenate((walk(5, -1.0), walk(5, 1.0)))  # a jump to the other's position
    back = np.concatenate((walk(5, 1.0), walk(5, -1.0)))
    found = sequence(there, back, names=('12', '3')).people
    np.testing.assert_allclose(np.stack([f['p1'] for f in found]), there, rtol=1e-5)


def test_an_identity_that_two_people_share_is_not_used(caplog):
    found = sequence(walk(5, -1.0), walk(5, 1.0), names=('0', '0')).people
    assert all(set(frame) == {'p1', 'p2'} for frame in found)
    assert 'tracked by their position' in caplog.text


def test_another_person_gets_another_id():
    early, late = walk(70, -1.0), walk(70, 1.0)
    early[10:], late[:60] = 0, 0
    found = sequence(early, late).people
    assert set(found[5]) == {'p1'} and set(found[65]) == {'p2'}
    assert found[30] == {}


@pytest.mark.parametrize('gap', [(8, 14), (8, 60)])  # shorter and longer than max_gap
def test_each_person_of_several_is_lifted_as_if_alone(gap):
    frames = 66
    left, right = walk(frames, -1.0), walk(frames, 1.0)
    left[slice(*gap)] = np.nan
    together = lifted(sequence(left, right, names=('a', 'b')))
    for name, alone in (('p1', sequence(left, names='a')), ('p2', sequence(right, names='b'))):
        expected = [f.get('p1') for f in lifted(alone)]
        found = [f.get(name) for f in together]
        assert [x is None for x in found] == [x is None for x in expected]
        for x, y in zip(found, expected):
            if x is not None:
                np.testing.assert_allclose(x, y, atol=1e-3)
    assert ['p1' in f for f in together] == [i not in range(*gap) for i in range(frames)]


def test_keypoints_outside_of_the_images_are_refused():
    far = walk(5)
    far[..., :2] *= 3
    with pytest.raises(InputError, match='in.json.*640x480.*--size'):
        sequence(far)


def test_a_file_without_frames_is_refused():
    with pytest.raises(InputError, match='in.json lists no frame'):
        KeypointSequence.of_detections(DetectionSequence(Path('in.json'), {}), FPS, CAMERA)


def test_a_file_without_people_gives_none():
    assert sequence(np.zeros((5, 17, 3))).people == [{}] * 5


def test_a_person_of_one_keypoint_has_no_skeleton():
    ghost = np.zeros((10, 17, 3))
    ghost[:, 9] = 50, 60, 0.9
    assert all(set(frame) == {'p1'} for frame in lifted(sequence(walk(10), ghost, names='ab')))
