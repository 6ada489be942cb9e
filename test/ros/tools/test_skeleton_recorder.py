# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""`calibrate-rig --nodes` as a process: it records two nodes and finds where their cameras are."""

from __future__ import annotations

from pathlib import Path
import subprocess
import sys
import time

import numpy as np
import pytest
import rclpy
from support.processes import PATIENCE
from support.walked_messages import messages
from support.walked_rigs import camera_pose, see

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.io.calibration.extrinsics import Extrinsics
from pose_machine_ros.rig_calibration.procrustes import rotation_angle
from pose_machine_ros.ros.runtime.qos import RESULT_QOS

POSES = {'left': camera_pose(0), 'right': camera_pose(100)}
FPS, SECONDS = 30, 6.0


@pytest.mark.usefixtures('ros')
def test_two_running_nodes_are_calibrated(tmp_path: Path) -> None:
    apart = np.linalg.norm(POSES['left'].translation - POSES['right'].translation)
    command = [sys.executable, '-m', 'pose_machine_ros.cli', 'calibrate-rig', '--nodes',
               '/left/pose_machine', '/right/pose_machine', '--seconds', '3', '--distance', 'left',
               'right', f'{apart:.4f}', '--output', str(tmp_path / 'rig.yaml')]
    node = rclpy.create_node('cameras')
    publishers = {name: node.create_publisher(
        Skeleton3DArray, f'/{name}/pose_machine/skeletons', RESULT_QOS) for name in POSES}
    sent = {name: messages(see(name, pose, seconds=SECONDS, fps=FPS, offset=0.2 * (name == 'right')))
            for name, pose in POSES.items()}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          cwd=Path(__file__).parents[3]) as process:
        end = time.monotonic() + PATIENCE
        while not all(p.get_subscription_count() for p in publishers.values()):
            assert time.monotonic() < end and process.poll() is None
            time.sleep(0.05)
        begin = time.monotonic()
        for i in range(round(SECONDS * FPS)):
            time.sleep(max(begin + i / FPS / 1.5 - time.monotonic(), 0))
            for name, publisher in publishers.items():
                publisher.publish(sent[name][i])
        said, _ = process.communicate(timeout=PATIENCE)
    node.destroy_node()
    assert process.returncode == 0, said
    assert 'left: ' in said and 'right: position' in said
    rig = Extrinsics.load(tmp_path / 'rig.yaml')
    left, right = (rig.cameras[f'{name}_optical_frame'] for name in POSES)
    found, true = left.inverse() @ right, POSES['left'].inverse() @ POSES['right']
    assert np.degrees(rotation_angle(found.rotation.T @ true.rotation)) < 1
    assert found.translation == pytest.approx(true.translation, abs=0.1)
    assert rig.time_offsets['right_optical_frame'] == pytest.approx(0.2, abs=0.01)
