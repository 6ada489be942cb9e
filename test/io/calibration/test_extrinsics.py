# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The file with the poses of cameras: round trip, and what is refused."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Extrinsics

FILE = """frame: world
cameras:
  left_optical_frame:
    translation: [1.0, 2, -0.5]
    rotation: [0.5, -0.5, 0.5, -0.5]
    time_offset: 0.033
  right_optical_frame:
    translation: [0, 0, 0]
    rotation: [0, 0, 0, 1]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / 'extrinsics.yaml'
    path.write_text(text)
    return path


def random_pose(random: np.random.Generator) -> RigidTransform:
    return RigidTransform.from_quaternion(random.normal(size=4), random.normal(size=3) * 5)


def test_a_file_is_read(tmp_path):
    found = Extrinsics.load(write(tmp_path, FILE))
    assert found.frame == 'world' and set(found.cameras) == {
        'left_optical_frame', 'right_optical_frame'}
    left = found.cameras['left_optical_frame']
    assert left.translation.tolist() == [1, 2, -0.5]
    assert left.apply(np.zeros(3)).tolist() == [1, 2, -0.5]
    assert abs(np.dot(left.quaternion(), (0.5, -0.5, 0.5, -0.5))) == pytest.approx(1)
    assert found.time_offsets == {'left_optical_frame': 0.033}
    assert found.time_offset_ns('left_optical_frame') == 33_000_000
    assert found.time_offset_ns('right_optical_frame') == 0


def test_what_is_saved_is_loaded(tmp_path):
    random = np.random.default_rng(0)
    cameras = {f'camera_{i}': random_pose(random) for i in range(5)}
    saved = Extrinsics('map', cameras, {'camera_1': -0.0125, 'camera_3': 0.0})
    saved.save(tmp_path / 'a.yaml')
    found = Extrinsics.load(tmp_path / 'a.yaml')
    assert (found.frame, list(found.cameras)) == ('map', list(cameras))
    assert found.time_offsets == saved.time_offsets
    for name, pose in cameras.items():
        assert np.allclose(found.cameras[name].rotation, pose.rotation, atol=1e-12)
        assert np.allclose(found.cameras[name].translation, pose.translation, atol=1e-12)


def test_a_rounded_quaternion_becomes_a_rotation(tmp_path):
    text = FILE.replace('[0.5, -0.5, 0.5, -0.5]', '[0.71, 0, 0, 0.71]')
    rotation = Extrinsics.load(write(tmp_path, text)).cameras['left_optical_frame'].rotation
    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert math.degrees(math.acos((np.trace(rotation) - 1) / 2)) == pytest.approx(90)


@pytest.mark.parametrize('old, new, words', [
    ('frame: world', 'fram: world', ["'fram'", "did you mean 'frame'?"]),
    ('frame: world\n', '', ['frame missing']),
    ('frame: world', 'frame: 7', ['frame = 7', 'not the name of a frame']),
    ('frame: world', 'frame: /world', ["'/world'", "write 'world'"]),
    ('  left_optical_frame', '  /left_optical_frame', ["write 'left_optical_frame'"]),
    ('right_optical_frame', 'left_optical_frame', ["'left_optical_frame' is given 2 times"]),
    ('    time_offset: 0.033', '    time_ofset: 0.033', ["did you mean 'time_offset'?"]),
    ('0.033', '.nan', ['time_offset', 'not finite']),
    ('0.033', 'soon', ["'soon'", 'not 1 number']),
    ('0.033', '1e9', ['time_offset']),
    ('    translation: [0, 0, 0]\n', '', ['right_optical_frame: translation missing']),
    ('[1.0, 2, -0.5]', '[1.0, 2]', ['translation = [1.0, 2]', '3 numbers']),
    ('[1.0, 2, -0.5]', '[1.0, .inf, 0]', ['translation', 'not finite']),
    ('[1.0, 2, -0.5]', '{x: 1.0, y: 2, z: 0}', ['translation', '3 numbers']),
    ('[0, 0, 0, 1]', '[0, 0, 0, 2]', ['right_optical_frame: rotation', '2.000', 'length 1']),
    ('[0, 0, 0, 1]', '[0, 0, 0, 0]', ['rotation', 'length 1']),
    ('[0, 0, 0, 1]', '[true, 0, 0, 1]', ['rotation', '4 numbers']),
    ('cameras:', 'cameras: {}\nx:', ["'x'"]),
    (FILE, 'frame: world\ncameras: {}\n', ['cameras is empty']),
    (FILE, 'frame: world\ncameras:\n', ['cameras = None']),
    (FILE, '- 1\n', ['"name: value"']),
    (FILE, '', ['"name: value"']),
    (FILE, 'a: [', ['not YAML']),
])
def test_a_wrong_file_is_refused_by_name(tmp_path, old, new, words):
    assert old in FILE
    path = write(tmp_path, FILE.replace(old, new))
    with pytest.raises(InputError) as refused:
        Extrinsics.load(path)
    for word in (str(path), 'docs/calibration.md', *words):
        assert word in str(refused.value)


def test_numbers_with_an_exponent_are_read(tmp_path):
    found = Extrinsics.load(write(tmp_path, FILE.replace('0.033', '1e-3')))
    assert found.time_offsets == {'left_optical_frame': 0.001}


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match='nothing.yaml'):
        Extrinsics.load(tmp_path / 'nothing.yaml')


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match='no folder'):
        Extrinsics('world', {'a': RigidTransform()}).save(tmp_path / 'no' / 'a.yaml')


def test_a_tilde_is_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Extrinsics('hall', {'eye': RigidTransform()}).save(tmp_path / 'rig.yaml')
    monkeypatch.setenv('HOME', str(tmp_path))
    assert Extrinsics.load('~/rig.yaml').frame == 'hall'
