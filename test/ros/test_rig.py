# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros import fusion_parameters
from pose_machine_ros.ros.parameters import NAMES
from pose_machine_ros.ros.rig import CameraRig, RigCamera

KNOWN = NAMES, fusion_parameters.NAMES
EXAMPLE = Path(__file__).parents[2] / 'config' / 'cameras.yaml'


def rig_of(text: str, tmp_path: Path) -> CameraRig:
    path = tmp_path / 'cameras.yaml'
    path.write_text(text)
    return CameraRig.from_yaml(path, *KNOWN)


def test_the_example_can_be_used() -> None:
    left, right = CameraRig.from_yaml(EXAMPLE, *KNOWN).cameras
    assert left == RigCamera('/left', 'image_raw', 'camera_info', parameters={
        'id_prefix': 'left_', 'max_people': 6})
    assert right.image == '/cameras/right/image_raw'
    assert right.parameters == {
        'id_prefix': 'right_', 'max_people': 6,
        'camera_height': 1.2, 'camera_pitch': 0.17, 'image.transport': 'compressed'}


def test_a_namespace_is_enough(tmp_path: Path) -> None:
    rig = rig_of('cameras: [{namespace: robot/left}]', tmp_path)
    camera, = rig.cameras
    assert camera.namespace == '/robot/left' and camera.image_topic == '/robot/left/image_raw'
    assert camera.parameters == {'id_prefix': 'robot_left_'}


def test_depth_images_are_named_as_in_the_launch_of_one_camera(tmp_path: Path) -> None:
    moved, relative, off, plain = rig_of("""
cameras:
- {namespace: a, depth: /a/stereo/image_raw}
- {namespace: b, depth: depth_image}
- {namespace: c, depth: stereo/image_raw, parameters: {depth: {enabled: false}}}
- {namespace: d}
""", tmp_path).cameras
    colour = [('image', 'image_raw'), ('camera_info', 'camera_info')]
    assert moved.remappings == [*colour, ('depth', '/a/stereo/image_raw'),
                                ('depth/camera_info', '/a/stereo/camera_info')]
    assert relative.remappings[2:] == [('depth', 'depth_image'),
                                       ('depth/camera_info', 'camera_info')]
    assert plain.remappings == colour
    assert [c.parameters.get('depth.enabled') for c in (moved, relative, off, plain)] == [
        True, True, False, None]


def test_what_one_camera_says_comes_after_what_all_have(tmp_path: Path) -> None:
    rig = rig_of('parameters: {max_people: 2, lazy: true, use_sim_time: true}\n'
                 'cameras: [{namespace: a, parameters: {max_people: 3}}, {namespace: b}]', tmp_path)
    assert [c.parameters['max_people'] for c in rig.cameras] == [3, 2]
    assert all(c.parameters['lazy'] and c.parameters['use_sim_time'] for c in rig.cameras)


def test_the_fusion_gets_all_cameras_and_a_path_beside_the_file(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
fusion: {target_frame: map, extrinsics: rig.yaml, fusion: {max_age: 2.0}}
cameras: [{namespace: left}, {namespace: robot/right}]
"""
    assert rig_of(text, tmp_path).fusion_parameters == {
        'inputs': ['/left/pose_machine/skeletons', '/robot/right/pose_machine/skeletons'],
        'target_frame': 'map', 'extrinsics': str(tmp_path / 'rig.yaml'), 'fusion.max_age': 2.0}
    absolute = rig_of(text.replace('rig.yaml', '/etc/rig.yaml'), tmp_path)
    assert absolute.fusion_parameters['extrinsics'] == '/etc/rig.yaml'
    monkeypatch.setenv('HOME', str(tmp_path / 'home'))
    at_home = rig_of(text.replace('rig.yaml', '~/rig.yaml'), tmp_path)
    assert at_home.fusion_parameters['extrinsics'] == str(tmp_path / 'home' / 'rig.yaml')


def test_a_file_without_fusion_has_none(tmp_path: Path) -> None:
    rig = rig_of('cameras: [{namespace: left}]', tmp_path)
    assert rig.fusion is None
    with pytest.raises(InputError, match='no section "fusion:"; add it'):
        rig.fusion_parameters


@pytest.mark.parametrize('text, complaint', [
    ('fusion: map\ncameras: [{namespace: a}]', "fusion is 'map'; write"),
    ('fusion: {target_farme: map}\ncameras: [{namespace: a}]',
     "fusion has an unknown parameter 'target_farme' (did you mean 'target_frame'?); config/fus"),
    ('cameras: [', 'cannot be read'),
    ('', 'the file is None; write "name: value" lines'),
    ('left', "the file is 'left'"),
    ('cameras: []', 'list at least one'),
    ('cameras: left', "cameras is 'left'; write a list"),
    ('cameras: [left]', "camera 1 is 'left'; write"),
    ('camera: []', "unknown key 'camera' (did you mean 'cameras'?)"),
    ('cameras: [{image: a}]', 'camera 1 has no namespace; give it one'),
    ('cameras: [{namespace: 1}]', 'namespace of camera 1 is 1; write a name'),
    ('cameras: [{namespace: /}]', "namespace of camera 1 is '/'"),
    ('cameras: [{namespace: my camera}]', "'/my camera' is not a valid ROS name"),
    ('cameras: [{namespace: a, image: b c}]', "'b c' is not a valid ROS name"),
    ('cameras: [{namespace: a}, {namespace: /a/}]', "two cameras have the namespace '/a'"),
    ('cameras: [{namespace: a, image: /i}, {namespace: b, image: /i}]',
     "two cameras have the image topic '/i'; give each its own"),
    ('cameras: [{namespace: a, depth: /d}, {namespace: b, depth: /d}]',
     "two cameras have the depth topic '/d'; give each its own depth"),
    ('cameras: [{namespace: a, depth: b c}]', "'b c' is not a valid ROS name"),
    ('cameras: [{namespace: a/b, image: /i}, {namespace: a_b}]',
     "two cameras have the id prefix 'a_b_'; give each its own id_prefix under"),
    ('parameters: {id_prefix: robot_}\ncameras: [{namespace: a}, {namespace: b}]',
     "two cameras have the id prefix 'robot_'"),
    ('one_process: maybe\ncameras: [{namespace: a}]', "one_process is 'maybe'; write true or"),
    ('cameras: [{namespace: a, parameters: {max_poeple: 1}}]',
     "unknown parameter 'max_poeple' (did you mean 'max_people'?)"),
    ('cameras: [{namespace: a}, {namespace: b, parameters: {max_people: [1, a]}}]',
     "parameter 'max_people' of camera 2 is [1, 'a']; write"),
    ('parameters: {correction: {mode: 2020-01-01}}\ncameras: [{namespace: a}]',
     "parameter 'correction.mode' of the file is 2020-01-01; write true, false, a number, a text"),
    ('cameras: [{namespace: a, parameters: {use_sim_time: maybe}}]',
     "parameter 'use_sim_time' of camera 1 is 'maybe'; write true or false"),
    ('cameras: [{namespace: a, parameters: [1]}]', 'parameters of camera 1 is [1]'),
    ('cameras: [{namespace: a, parameters: {lazy: }}]', "'lazy' of camera 1 has no value"),
])
def test_a_file_that_cannot_be_used_is_refused_with_the_fix(
        text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        rig_of(text, tmp_path)
    assert complaint in str(error.value)
    assert str(tmp_path / 'cameras.yaml') in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='nowhere.yaml'):
        CameraRig.from_yaml(tmp_path / 'nowhere.yaml', *KNOWN)
