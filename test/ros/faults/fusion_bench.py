# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The fusion node in a process of its own, with stand-ins for pose nodes in this one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math
from pathlib import Path
import signal

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Quaternion, Transform, TransformStamped, Vector3
import numpy as np
from rclpy.time import Time
from std_msgs.msg import Header
from support.processes import Listener, NodeProcess, present
from support.rigs import CAMERA, person_at, pose_around, seen_from
from tf2_msgs.msg import TFMessage

from pose_machine_msgs.msg import Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.ros.conversions.skeletons import (
    camera_message, pose_message, skeletons_message)
from pose_machine_ros.ros.input.transform_buffer import STATIC_TF_QOS, TF_QOS
from pose_machine_ros.ros.runtime.qos import RESULT_QOS

RATE = 20.0  # Hz
NAMES = ('left', 'right', 'back')


@dataclass
class Camera:
    """A camera with its pose node, as far as others can see."""

    name: str
    pose: RigidTransform  # in the world, true
    frame_id: str
    is_on: bool = True
    lag: float = 0.0  # seconds from the image to the message
    clock: float = 0.0  # seconds by which its clock is ahead
    calibrated: bool = True
    moves: bool = False  # whether its pose comes on /tf with every image
    told: RigidTransform | None = None  # its pose as TF tells it; None: the true one

    @property
    def topic(self) -> str:
        return f'/{self.name}/pose_machine/skeletons'


class FusionBench:
    """Three cameras that see a person walk, the fusion node, and a listener for its results."""

    def __init__(self, program: str | Path = 'fusion', **values: object) -> None:
        self.cameras = {name: Camera(name, pose_around(angle), f'{name}_eye')
                        for name, angle in zip(NAMES, (0, 100, 220))}
        topics = [camera.topic for camera in self.cameras.values()]
        self.process = NodeProcess(program, inputs=str(topics), **{'target_frame': 'map', **values})
        self.listener = Listener('fusion')
        self.healths: list[DiagnosticStatus] = []
        node = self.listener.node
        node.create_subscription(
            DiagnosticArray, '/diagnostics', lambda m: self.healths.extend(m.status), 10)
        self._publishers = {c.name: node.create_publisher(Skeleton3DArray, c.topic, RESULT_QOS)
                            for c in self.cameras.values()}
        self._tf = node.create_publisher(TFMessage, '/tf', TF_QOS)
        self._static = node.create_publisher(TFMessage, '/tf_static', STATIC_TF_QOS)
        self.publish_static()
        self._timer = node.create_timer(1 / RATE, self._tick)

    def publish_static(self, but: str = '') -> None:
        """Publish the poses of the cameras, except for one."""
        stamp = self._now()
        self._static.publish(TFMessage(transforms=[
            _transform(camera.frame_id, camera.told or camera.pose, stamp)
            for camera in self.cameras.values() if camera.name != but and not camera.moves]))

    def reset(self) -> None:
        """Let all cameras be as they were at first, and wait until all is well."""
        for camera, angle in zip(self.cameras.values(), (0, 100, 220)):
            camera.__init__(camera.name, pose_around(angle), f'{camera.name}_eye')
        self.publish_static()
        self.spin_until(lambda: self.health()[0] == DiagnosticStatus.OK
                        and self.seeing() == {f'{name}_eye' for name in NAMES})

    def spin_until(self, is_done: Callable[[], bool]) -> None:
        """Spin, and so let the cameras deliver, until `is_done`."""
        self.listener.spin_until(is_done)

    def spin(self, results: int) -> list[Skeleton3DArray]:
        """Return this number of new results."""
        first = len(self.listener.skeletons)
        self.spin_until(lambda: len(self.listener.skeletons) >= first + results)
        return self.listener.skeletons[first:]

    def health(self) -> tuple[bytes, str]:
        """Return level and message of the newest diagnostics."""
        if not self.healths:
            return DiagnosticStatus.STALE, ''
        return self.healths[-1].level, self.healths[-1].message

    def wait_for_complaint(self, *parts: str) -> str:
        """Wait until the log and the diagnostics have all `parts`; return the diagnostics."""
        self.spin_until(lambda: all(part in self.health()[1] for part in parts))
        assert self.health()[0] == DiagnosticStatus.WARN
        lines = [line for line in self.process.lines if all(part in line for part in parts)]
        assert len(lines) == 1, self.process.output
        return self.health()[1]

    def seeing(self) -> set[str]:
        """Return the frame_ids of the cameras that see the person in the newest result."""
        if not self.listener.skeletons:
            return set()
        newest = self.listener.skeletons[-1]
        return {newest.cameras[i].header.frame_id for person in present(newest)
                for i in person.seen_by}

    def errors(self, results: list[Skeleton3DArray]) -> list[float]:
        """Return the mean distance of the joints from the truth, metres, of each result."""
        found = []
        for result in results:
            person, = present(result)
            joints = np.array([(j.position.x, j.position.y, j.position.z) for j in person.joints])
            truth = joints_at(result.header.stamp.sec + result.header.stamp.nanosec * 1e-9)
            found.append(float(np.linalg.norm(joints - truth, axis=1).mean()))
        return found

    def end(self) -> None:
        """End the node, which must still be running."""
        try:
            assert self.process.end(signal.SIGINT) == 0, self.process.output
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill the node if it still runs."""
        self.process.kill()
        self.listener.close()

    def _now(self) -> float:
        return self.listener.node.get_clock().now().nanoseconds * 1e-9

    def _tick(self) -> None:
        now = self._now()
        for camera in self.cameras.values():
            taken = now - camera.lag
            if camera.moves:
                camera.pose = pose_around(300 + 40 * math.sin(taken))
                self._tf.publish(TFMessage(transforms=[
                    _transform(camera.frame_id, camera.pose, now)]))
            if camera.is_on:
                self._publishers[camera.name].publish(_message(camera, taken))


def joints_at(seconds: float) -> np.ndarray:
    """Return the joints (17, 3) of the person at a time, metres."""
    return person_at(0.5 * math.sin(0.6 * seconds), 0.3 * math.cos(0.6 * seconds))


def _message(camera: Camera, taken: float) -> Skeleton3DArray:
    people: list[Skeleton] = [seen_from(camera.pose, joints_at(taken))]
    header = _header(taken + camera.clock, camera.frame_id)
    lens = CAMERA if camera.calibrated else type(CAMERA).from_fov(CAMERA.width, CAMERA.height)
    return skeletons_message(people, header, [camera_message(header, lens)], 10**7)


def _header(seconds: float, frame_id: str) -> Header:
    return Header(stamp=Time(seconds=seconds).to_msg(), frame_id=frame_id)


def _transform(child: str, pose: RigidTransform, seconds: float) -> TransformStamped:
    message = pose_message(pose)
    p, q = message.position, message.orientation
    return TransformStamped(
        header=_header(seconds, 'map'), child_frame_id=child, transform=Transform(
            translation=Vector3(x=p.x, y=p.y, z=p.z),
            rotation=Quaternion(x=q.x, y=q.y, z=q.z, w=q.w)))
