# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node as a process with a depth camera that is late, stops, and sends what cannot be used."""

from __future__ import annotations

from collections.abc import Callable

from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
import pytest
from rclpy.qos import qos_profile_sensor_data
from ros.faults.bench import good_photo_info, photo
from sensor_msgs.msg import CameraInfo, Image
from support.processes import Listener, NodeProcess, PATIENCE, present, wait_until

_METRES = 2.6  # of everything in the depth image
_RATE_NS = 50_000_000


class RgbdCamera:
    """Publishes one photograph again and again, and depth images that a test changes."""

    def __init__(self, listener: Listener) -> None:
        create = listener.node.create_publisher
        self._listener = listener
        self._publishers = [create(kind, topic, qos_profile_sensor_data) for kind, topic in (
            (Image, 'image'), (CameraInfo, 'camera_info'), (Image, 'depth'))]
        self.photo, self.info = photo(), good_photo_info()
        self.stamp_ns = 10**12
        self.depth: Image | None = self.depth_image()
        self.is_late = False  # whether depth is published after the colour image

    def depth_image(self, scale: int = 1, encoding: str = '16UC1') -> Image:
        """Return a depth image, smaller by `scale`, in which everything is equally far away."""
        height, width = self.photo.height // scale, self.photo.width // scale
        kind, unit = (np.uint16, 1e-3) if encoding != '32FC1' else (np.float32, 1.0)
        values = np.full((height, width), _METRES / unit, kind)
        image = Image(height=height, width=width, encoding=encoding,
                      step=width * values.itemsize)
        image.data.frombytes(values.tobytes())
        image.header.frame_id = self.photo.header.frame_id
        return image

    def wait_for_node(self) -> None:
        wait_until(lambda: all(p.get_subscription_count() for p in self._publishers), PATIENCE,
                   lambda: 'not discovered')

    def play(self, is_done: Callable[[], bool]) -> None:
        """Publish until `is_done`, one frame for each result."""
        def step() -> bool:
            self.stamp_ns += _RATE_NS
            images, infos, depths = self._publishers
            for message in (self.photo, self.info, self.depth):
                if message is not None:
                    message.header.stamp.sec = self.stamp_ns // 10**9
                    message.header.stamp.nanosec = self.stamp_ns % 10**9
            infos.publish(self.info)
            messages = [(depths, self.depth), (images, self.photo)]
            for publisher, message in messages[::-1] if self.is_late else messages:
                if message is not None:
                    publisher.publish(message)
            return is_done()
        self._listener.spin_until(step)

    def roots(self, count: int) -> list[float]:
        """Return how far the first person is in the next `count` results, metres."""
        start = len(self._listener.skeletons)
        self.play(lambda: len([a for a in self._listener.skeletons[start:] if present(a)]) >= count)
        return [max(present(a), key=lambda s: s.roi.height).joints[0].position.z
                for a in self._listener.skeletons[start:] if present(a)]


@pytest.fixture
def statuses(listener: Listener) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = []
    listener.node.create_subscription(DiagnosticArray, '/diagnostics', lambda array: kept.append({
        'message': array.status[0].message,
        **{v.key: v.value for v in array.status[0].values}}), 10)
    return kept


def test_depth_stops_comes_late_and_is_of_another_size(
        start: Callable[..., NodeProcess], listener: Listener, statuses: list) -> None:
    node = start('node', device='cpu', depth__enabled='true', max_gap=60.0)
    camera = RgbdCamera(listener)
    node.wait_for_line('ready on cpu')
    camera.wait_for_node()

    near = np.median(camera.roots(8)[3:])
    assert abs(near - _METRES) < 0.35  # the root is behind the skin
    camera.play(lambda: statuses and float(statuses[-1]['images with depth, %'] or 0) > 60)
    assert float(statuses[-1]['joints with depth, %']) > 50

    camera.is_late = True
    assert abs(np.median(camera.roots(6)) - near) < 0.15
    camera.depth = camera.depth_image(encoding='32FC1')
    assert abs(np.median(camera.roots(6)) - near) < 0.15

    camera.depth = None  # it stops
    gone = camera.roots(6)
    assert np.isfinite(gone).all() and abs(np.median(gone) - near) < 0.6
    camera.play(lambda: 'depth: no image on /depth' in node.output)
    camera.play(lambda: 'no image on /depth' in statuses[-1]['message'])

    for wrong, complaint in (
            (camera.depth_image(scale=2), 'let the driver align depth to colour'),
            (camera.depth_image(encoding='mono8'), "depth of encoding 'mono8' is not supported")):
        camera.depth = wrong
        camera.play(lambda: complaint in statuses[-1]['message'])
        assert node.output.count(complaint) <= 1
        assert np.isfinite(camera.roots(3)).all()

    camera.depth = camera.depth_image()
    camera.play(lambda: 'depth: in order again' in node.output)
    assert abs(np.median(camera.roots(8)[4:]) - near) < 0.15
    assert 'Traceback' not in node.output
