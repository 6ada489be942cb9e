# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""SROS 2: the policy matches the nodes; with enforced security other nodes are excluded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import importlib.util
import os
from pathlib import Path
import runpy
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_srvs.srv import SetBool
from support.clips import write_clip
from support.policies import allowed, done, POLICY
from support.processes import NodeProcess, PATIENCE, wait_until

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.calibration import Extrinsics
from pose_machine_ros.ros.fusion_node import FusionNode
from pose_machine_ros.ros.node import PoseMachineNode
from pose_machine_ros.ros.tools.video_camera import VideoCamera

ROOT = Path(__file__).parents[2]
REMAPPED = ('-r', 'image:=/camera/image_raw', '-r', 'camera_info:=/camera/camera_info')
EAVESDROPPER = """
import time
import rclpy
from pose_machine_msgs.msg import Skeleton3DArray
rclpy.init()
node = rclpy.create_node('eavesdropper')
heard = []
node.create_subscription(Skeleton3DArray, '/pose_machine/skeletons', heard.append, 1)
end = time.monotonic() + 5
while not heard and time.monotonic() < end:
    rclpy.spin_once(node, timeout_sec=0.1)
print('heard', len(heard), 'knows', node.get_node_names())
"""


def doings(create: Callable[[], Node], *arguments: str) -> dict[str, set[str]]:
    """Return the topics and services of a node once it is active."""
    rclpy.init(args=['--ros-args', *arguments])
    try:
        node = create()
        for step in ('configure', 'activate'):
            getattr(node, step, lambda: None)()
        found = settled(node)
        for step in ('deactivate', 'cleanup'):
            getattr(node, step, lambda: None)()
        node.destroy_node()
        return found
    finally:
        rclpy.shutdown()


def settled(node: Node) -> dict[str, set[str]]:
    """Return the topics and services of a node after a while: some are discovered late."""
    found: dict[str, set[str]] = {}
    changed = time.monotonic()

    def is_old() -> bool:
        nonlocal found, changed
        if (now := done(node.get_name(), node)) != found:
            found, changed = now, time.monotonic()
        return bool(found['publish']) and time.monotonic() - changed > 1
    wait_until(is_old, PATIENCE, lambda: f'{node.get_name()} does {found}')
    return found


def test_the_policy_allows_the_node_what_it_does_and_no_more() -> None:
    raw = doings(PoseMachineNode, '-p', 'use_sim_time:=true')
    with_tf = [('-p', 'target_frame:=odom')] if importlib.util.find_spec('tf2_msgs') else []
    others = [doings(PoseMachineNode, *arguments) for arguments in (
        REMAPPED, *with_tf, ('-p', 'image.transport:=compressed'), ('-p', 'depth.enabled:=true'),
        ('-p', 'depth.enabled:=true', '-p', 'depth.transport:=compressedDepth'),
        ('-p', 'image.transport:=compressed', *REMAPPED))]
    together = {doing: names.union(*(other[doing] for other in others))
                for doing, names in raw.items()}
    expected = publishable('/pose_machine', 'pose_machine')
    expected['publish'] -= {n for n in expected['publish'] if '*' in n}  # one for each person
    assert together == expected


def publishable(enclave: str, node: str) -> dict[str, set[str]]:
    """Return what the policy allows, without the messages that are not installed."""
    expected = allowed(enclave, node)
    for package, prefix in (('tf2_msgs', '/tf'), ('hri_msgs', '/humans/')):
        if importlib.util.find_spec(package) is None:  # nothing can be published then
            for doing in ('publish', 'subscribe'):
                expected[doing] -= {n for n in expected[doing] if n.startswith(prefix)}
    return expected


def test_the_policy_allows_the_fusion_node_what_it_does_and_no_more(tmp_path: Path) -> None:
    arguments = ('-p', 'use_sim_time:=true', '-p', 'target_frame:=map')
    if importlib.util.find_spec('tf2_msgs') is None:
        Extrinsics('map', {'eye': RigidTransform()}).save(tmp_path / 'rig.yaml')
        arguments += ('-p', f'extrinsics:={tmp_path}/rig.yaml')
    assert doings(FusionNode, *arguments) == publishable('/fusion', 'fusion')


def test_the_policy_allows_the_camera_what_it_does_and_no_more(tmp_path: Path) -> None:
    arguments = ('-p', f'file:={write_clip(tmp_path / "clip.avi", 2)}', '-p',
                 'use_sim_time:=true')
    plain, remapped = doings(VideoCamera, *arguments), doings(VideoCamera, *arguments, *REMAPPED)
    assert {doing: names | remapped[doing] for doing, names in plain.items()} == \
        allowed('/camera', 'video_camera')


def test_the_policy_allows_the_controller_what_it_does_and_no_more() -> None:
    example = runpy.run_path(str(ROOT / 'examples' / 'stop_when_close.py'))['StopWhenClose']
    assert doings(example, '-p', 'use_sim_time:=true') == allowed('/controller', 'stop_when_close')


@pytest.fixture
def enforced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Enforce security with a keystore of the policy; return a function that sets the enclave."""
    if importlib.util.find_spec('sros2') is None:
        pytest.skip('sros2, which makes the keys, is not installed (PyPI does not carry it)')
    from sros2.keystore import create_enclave, create_keystore, create_permission
    keystore = tmp_path / 'keystore'
    create_keystore(keystore)
    for enclave in ('/pose_machine', '/fusion', '/camera', '/controller'):
        create_enclave(keystore, enclave)
        create_permission(keystore, enclave, POLICY)
    monkeypatch.setenv('ROS_SECURITY_KEYSTORE', str(keystore))
    monkeypatch.setenv('ROS_SECURITY_ENABLE', 'true')
    monkeypatch.setenv('ROS_SECURITY_STRATEGY', 'Enforce')
    yield lambda enclave: monkeypatch.setenv('ROS_SECURITY_ENCLAVE_OVERRIDE', enclave)
    rclpy.try_shutdown()


def test_where_security_is_enforced_only_the_named_take_part(
        enforced: Callable[[str], None], tmp_path: Path) -> None:
    started: list[NodeProcess] = []
    try:
        enforced('/pose_machine')
        started.append(node := NodeProcess('node', device='cpu'))
        wait_until(lambda: 'ready on cpu' in node.output or 'security libraries' in node.output,
                   PATIENCE, lambda: node.output)
        if 'security libraries' in node.output:
            pytest.skip('the Fast DDS that is installed was built without security')
        enforced('/camera')
        started.append(NodeProcess(
            'video_camera', file=write_clip(tmp_path / 'clip.avi', 40), loop='true'))

        enforced('/controller')
        rclpy.init(args=[])
        controller = rclpy.create_node('stop_when_close')
        heard: list[Skeleton3DArray] = []
        controller.create_subscription(
            Skeleton3DArray, '/pose_machine/skeletons', heard.append, 1)

        def hears() -> bool:
            rclpy.spin_once(controller, timeout_sec=0.1)
            return any(m.skeletons for m in heard)
        wait_until(hears, PATIENCE, lambda: started[0].output + started[1].output)
        # It may read, but not publish images
        with pytest.raises(Exception, match='(?i)failed to create'):
            controller.create_publisher(Image, '/image', 1)
        # Nor disable the node
        with pytest.raises(Exception, match='(?i)failed to create'):
            controller.create_client(SetBool, '/pose_machine/enable')
        controller.destroy_node()

        outside = {k: v for k, v in os.environ.items() if not k.startswith('ROS_SECURITY')}
        said = subprocess.run([sys.executable, '-c', EAVESDROPPER], env=outside, text=True,
                              capture_output=True, timeout=PATIENCE)
        assert said.stdout.strip() == "heard 0 knows ['eavesdropper']", said
    finally:
        for process in started:
            process.kill()


def test_without_its_keys_the_node_does_not_start_where_security_is_enforced(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('ROS_SECURITY_KEYSTORE', str(tmp_path))
    monkeypatch.setenv('ROS_SECURITY_ENABLE', 'true')
    monkeypatch.setenv('ROS_SECURITY_STRATEGY', 'Enforce')
    node = NodeProcess('node', device='cpu')
    assert node.wait() != 0
    assert 'SECURITY ERROR' in node.output
