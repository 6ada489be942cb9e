# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several cameras: names in separate namespaces, and nodes in one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import signal

from diagnostic_msgs.msg import DiagnosticArray
import pytest
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.parameter import Parameter
from support.clips import write_clip
from support.processes import Listener, NodeProcess, present

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.calibration import Extrinsics

SIDES = ('left', 'right')
# Topics of every ROS node, and those that are absolute by convention.
ABSOLUTE = {'/tf', '/tf_static', '/diagnostics', '/rosout', '/parameter_events'}


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    Extrinsics('map', {f'{side}_eye': RigidTransform() for side in SIDES}).save(
        tmp_path / 'poses.yaml')
    path = tmp_path / 'cameras.yaml'
    path.write_text("""
parameters: {device: cpu, correction: {mode: none}}
fusion: {target_frame: map, extrinsics: poses.yaml}
cameras:
- {namespace: left, image: image}
- {namespace: right, image: image, parameters: {max_people: 1}}
""")
    return path


def wait_until_ready(processes: list[NodeProcess]) -> None:
    for process in processes:
        process.wait_for_line('ready on cpu')


def names_of(listener: Listener, namespace: str) -> dict[str, set[str]]:
    """Return the topics and services of the node in a namespace, once they are stable."""
    node = listener.node

    def look() -> dict[str, set[str]]:
        return {kind: {name for name, _ in getattr(node, f'get_{kind}_names_and_types_by_node')(
            'pose_machine', namespace)} for kind in ('publisher', 'subscriber', 'service')}

    def is_complete() -> bool:
        wanted = {f'{namespace}/pose_machine/{name}' for name in ('enable', 'reset')}
        return wanted <= look()['service'] and len(look()['subscriber']) > 1

    listener.spin_until(lambda: ('pose_machine', namespace)
                        in node.get_node_names_and_namespaces() and is_complete())
    return look()


def test_nodes_in_namespaces_have_no_name_in_common_but_those_of_ros(
        start: Callable[..., NodeProcess], listener: Listener) -> None:
    wait_until_ready([start('node', '--ros-args', '-r', f'__ns:=/{side}', device='cpu')
                      for side in SIDES])
    found = {side: names_of(listener, f'/{side}') for side in SIDES}
    for side, kinds in found.items():
        for kind, names in kinds.items():
            strays = {n for n in names - ABSOLUTE if not n.startswith(f'/{side}/')}
            assert not strays, f'{kind}s of the node in /{side}'
    assert {'/left/image', '/left/camera_info'} <= found['left']['subscriber']
    assert '/left/pose_machine/skeletons' in found['left']['publisher']
    left, right = ({kind: {n.replace(f'/{side}/', '/') for n in names}
                    for kind, names in found[side].items()} for side in SIDES)
    assert left == right


def test_two_cameras_in_one_process(start: Callable[..., NodeProcess], listener: Listener,
                                    rig: Path, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / 'clip.avi', 10)
    arrays: dict[str, list[Skeleton3DArray]] = {side: [] for side in SIDES}
    fused: list[Skeleton3DArray] = []
    healthy: set[str] = set()
    listener.node.create_subscription(Skeleton3DArray, '/fusion/skeletons', fused.append, 10)
    for side in SIDES:
        listener.node.create_subscription(
            Skeleton3DArray, f'/{side}/pose_machine/skeletons', arrays[side].append, 10)
    listener.node.create_subscription(
        DiagnosticArray, '/diagnostics', lambda m: healthy.update(s.name for s in m.status), 10)

    process = start('multi_camera', rig)
    for side in SIDES:
        process.wait_for_line(f'[{side}.pose_machine]: ready on cpu')
        start('video_camera', '--ros-args', '-r', f'__ns:=/{side}', file=clip, loop='true',
              rate=4.0, frame_id=f'{side}_eye')

    def people(side: str) -> int:
        return max((len(present(array)) for array in arrays[side]), default=0)

    # Two people are in view, and the right node has max_people = 1
    listener.spin_until(lambda: people('left') == 2 and people('right') == 1)
    listener.spin_until(lambda: healthy >= {
        '/fusion', *(f'/{side}/pose_machine' for side in SIDES)})
    # The results reach the fusion node without messages
    assert listener.node.count_subscribers('/left/pose_machine/skeletons') == 1
    listener.spin_until(lambda: bool(fused) and bool(present(fused[-1])) and {
        c.header.frame_id for c in fused[-1].cameras} == {'left_eye', 'right_eye'})
    assert {a.header.frame_id for a in fused} == {'map'}
    assert all(s.id.startswith('f') for a in fused for s in a.skeletons)
    for side in SIDES:
        assert {a.header.frame_id for a in arrays[side]} == {f'{side}_eye'}
        ids = {s.id for a in arrays[side] for s in a.skeletons}
        assert all(name.startswith(f'{side}_p') for name in ids)  # /tf is shared

    def call(kind: type, side: str, name: str, **fields: object) -> object:
        return listener.call(kind, f'/{side}/pose_machine/{name}', **fields)

    changed = [Parameter('max_gap', value=7.0).to_parameter_msg()]
    result, = call(SetParameters, 'left', 'set_parameters', parameters=changed).results
    assert result.successful, result.reason
    gaps = [call(GetParameters, side, 'get_parameters', names=['max_gap']).values[0].double_value
            for side in SIDES]
    assert gaps == [7.0, 1.0]

    assert process.end(signal.SIGINT) == 0, process.output
    assert 'Traceback' not in process.output


def test_each_camera_in_one_process_has_its_own_depth_images(
        start: Callable[..., NodeProcess], listener: Listener, tmp_path: Path) -> None:
    path = tmp_path / 'cameras.yaml'
    path.write_text("""
parameters: {device: cpu, correction: {mode: none}}
cameras: [{namespace: left, depth: /stereo/left/image_raw}, {namespace: right, depth: depth}]
""")
    start('multi_camera', path)
    for topic in ('/stereo/left/image_raw', '/stereo/left/camera_info',
                  '/right/depth', '/right/depth/camera_info'):
        listener.spin_until(lambda: listener.node.count_subscribers(topic) == 1)
    assert listener.node.count_subscribers('/left/depth') == 0


@pytest.mark.parametrize('text, complaint', [
    ('cameras: [{namespace: left, parameters: {max_poeple: 1}}]', "did you mean 'max_people'"),
    ('cameras: [{namespace: left, parameters: {fov: 55.0}}]', '/left: parameter fov is'),
    ('fusion: {extrinsics: a.yaml}\ncameras: [{namespace: left}]', 'target_frame is empty'),
])
def test_a_rig_that_cannot_work_ends_the_start_with_the_reason(
        start: Callable[..., NodeProcess], tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / 'cameras.yaml'
    path.write_text(text)
    process = start('multi_camera', path)
    assert process.wait() == 1
    assert complaint in process.output and 'Traceback' not in process.output
