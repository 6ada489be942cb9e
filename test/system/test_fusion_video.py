# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Two pose nodes and the fusion node in three processes, on two real videos of one moment.

POSE_MACHINE_PICTURE is the file to write a picture of the last round to. Without the data of
test_real_video.py the test is skipped.
"""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import time

import cv2
from evaluation.test_real_video import needs_truth, TRUTH, videos
import numpy as np
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from support.people import header
from support.processes import Listener, NodeProcess, present

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.evaluation.fused_video import load_rig
from pose_machine_ros.evaluation.real_video import GroundTruth
from pose_machine_ros.fusion.view import View
from pose_machine_ros.io.calibration import Extrinsics
from pose_machine_ros.io.messages import header_stamp_ns, skeletons_from_message
from pose_machine_ros.rendering.rig_picture import draw_round
from pose_machine_ros.ros.conversions.images import bgr_to_image
from pose_machine_ros.skeleton import HUMAN36M_17, LIMB_JOINTS

NAMES = ('cam01', 'cam02')
BEHIND = 1  # frames by which the videos are behind the truth
LOST_SECONDS = 3.0
SETTLED = 20  # frames until the size of the man is known
CLOSE = 0.07  # metres, mean of the absolute errors of the limb joints
__all__ = ['videos']
RELIABLE = QoSProfile(depth=2, reliability=ReliabilityPolicy.RELIABLE)


@needs_truth
def test_the_man_of_two_videos_is_one_person_in_the_world(
        start: Callable[..., NodeProcess], ros: None, videos: Path, tmp_path: Path) -> None:
    poses = load_rig(TRUTH / 'rig.yaml')
    truths = [GroundTruth.load(TRUTH / f'{name}_truth.npz') for name in NAMES]
    rig = tmp_path / 'rig.yaml'
    Extrinsics('world', {f'{name}_eye': poses[name] for name in NAMES}).save(rig)
    listener = Listener('fusion')
    singles: dict[str, list[Skeleton3DArray]] = {name: [] for name in NAMES}
    create, publish = listener.node.create_subscription, listener.node.create_publisher
    for name in NAMES:
        create(Skeleton3DArray, f'/{name}/pose_machine/skeletons', singles[name].append, 10)
    images = {name: publish(Image, f'/{name}/image', RELIABLE) for name in NAMES}
    infos = {name: publish(CameraInfo, f'/{name}/camera_info', RELIABLE) for name in NAMES}

    processes = [start('node', '--ros-args', '-r', f'__ns:=/{name}', device='cpu', max_gap=60.0,
                       image__reliability='reliable') for name in NAMES]
    processes.append(start('fusion', target_frame='world', extrinsics=rig, inputs=str(
        [f'/{name}/pose_machine/skeletons' for name in NAMES])))
    for process in processes:
        process.wait_for_line('ready')
    listener.spin_until(lambda: all(p.get_subscription_count() for p in images.values())
                        and all(listener.node.count_subscribers(
                            f'/{name}/pose_machine/skeletons') == 2 for name in NAMES))

    def have_answered(seconds: float, end: float) -> bool:
        """Return whether both pose nodes have, or whether an image was lost until `end`."""
        stamp_ns = round(seconds * 1e9)
        return time.monotonic() > end or all(
            found and header_stamp_ns(found[-1].header) == stamp_ns for found in singles.values())

    began = listener.node.get_clock().now().nanoseconds * 1e-9
    frames = {}
    for number, pair in enumerate(zip(*(truth.video(videos) for truth in truths))):
        seconds = began + pair[0][0] * 1e-9
        for name, truth, (_, image) in zip(NAMES, truths, pair):
            frames[name] = image
            stamp = header(seconds, f'{name}_eye')
            height, width = image.shape[:2]
            infos[name].publish(CameraInfo(
                header=stamp, width=width, height=height, k=truth.matrix.ravel(),
                distortion_model='plumb_bob', d=[*truth.distortion, 0.0]))
            images[name].publish(bgr_to_image(image, stamp))
        end = time.monotonic() + LOST_SECONDS
        listener.spin_until(lambda: have_answered(seconds, end))
    listener.spin_until(lambda: header_stamp_ns(listener.skeletons[-1].header)
                        == round(seconds * 1e9) and len(listener.skeletons[-1].cameras) == 2)
    assert not any('Traceback' in process.output for process in processes)

    errors = []
    for result in listener.skeletons:
        number = round((header_stamp_ns(result.header) * 1e-9 - began) * truths[0].fps) - BEHIND
        if SETTLED <= number < len(truths[0].joints) and len(result.cameras) == 2:
            errors.append(error(result, poses['cam01'].apply(truths[0].joints[number])))
    print(f'mean error of {len(errors)} rounds: {1e3 * np.nanmean(errors):.0f} mm')
    assert len(errors) > 30 and np.nanmean(errors) < CLOSE

    views = [View(name, 0, poses[name], skeletons_from_message(singles[name][-1]))
             for name in NAMES]
    picture = draw_round(
        [s for s in skeletons_from_message(listener.skeletons[-1]) if s.state.is_active], views,
        [truth.camera(*frames[truth.name].shape[1::-1]) for truth in truths],
        [frames[name] for name in NAMES])
    path = os.environ.get('POSE_MACHINE_PICTURE', tmp_path / 'fusion.jpg')
    assert cv2.imwrite(str(path), picture)
    listener.close()


def error(result: Skeleton3DArray, truth: np.ndarray) -> float:
    """Return the mean error of the limb joints of the person nearest to the man, metres."""
    joints = list(HUMAN36M_17.indices(LIMB_JOINTS))
    found = [np.array([(s.joints[j].position.x, s.joints[j].position.y, s.joints[j].position.z)
                       for j in joints]) for s in present(result)]
    return min((float(np.nanmean(np.linalg.norm(xyz - truth, axis=1))) for xyz in found),
               default=np.nan)
