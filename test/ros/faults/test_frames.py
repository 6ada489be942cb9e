# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera on a robot, whose pose in odom is on TF: it comes late, moves, and stops."""

from __future__ import annotations

from collections.abc import Iterator
import math

import cv2
from diagnostic_msgs.msg import DiagnosticStatus
import numpy as np
import pytest
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.duration import Duration
from ros.faults.bench import Bench, good_photo_info, photo
from sensor_msgs.msg import Image
from support.processes import present
from support.transforms import stamped
from tf2_msgs.msg import TFMessage

from pose_machine_msgs.msg import Skeleton3D, Skeleton3DArray
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.ros.input.transform_buffer import STATIC_TF_QOS, TF_QOS

# The camera looks along x of the robot, whose z points up
EYE = RigidTransform(np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]]), np.array([0.1, 0, 0.9]))
STEP = Duration(nanoseconds=10**9 // 30)


class Robot(Bench):
    """A node that publishes in odom, its camera, and the transforms of the robot."""

    def __init__(self) -> None:
        super().__init__(target_frame='odom')
        create = self.listener.node.create_publisher
        self._moving = create(TFMessage, '/tf', TF_QOS)
        static = create(TFMessage, '/tf_static', STATIC_TF_QOS)
        static.publish(TFMessage(transforms=[stamped('base', 'eye', EYE, 0)]))
        self._yaw, self._rate = 0.0, 0.0

    def picture(self) -> Image:
        """Return what the camera sees after one more step of the turn, and say so on TF."""
        self._yaw += self._rate
        base = RigidTransform.from_quaternion(
            np.array([0, 0, math.sin(self._yaw / 2), math.cos(self._yaw / 2)]),
            np.array([5.0, 0, 0]))
        self._moving.publish(TFMessage(transforms=[
            stamped('odom', 'base', base, (self._stamp + STEP).nanoseconds)]))
        return turned(photo(), (base.rotation @ EYE.rotation).T @ EYE.rotation)

    def answer(self, rate: float = 0.0) -> Skeleton3DArray:
        """Return the result of a picture; the robot turns by `rate` radians for each one."""
        self._rate = rate
        return self.show(self.picture, lambda answer: bool(present(answer)), good_photo_info)

    def blind(self, problem: str) -> None:
        """Publish images without transforms until diagnostics and log report the problem."""
        said = len(self.node.lines)

        def is_said() -> bool:
            self._stamp += STEP
            image = photo()
            image.header.frame_id, image.header.stamp = 'eye', self._stamp.to_msg()
            self.infos.publish(good_photo_info())
            self.images.publish(image)
            line = f'people are not published: {problem}'
            return line in self.health()[1] and any(line in x for x in self.node.lines[said:])
        self.listener.spin_until(is_said, timeout=60)
        assert self.health()[0] == DiagnosticStatus.ERROR

    def set(self, name: str, value: str) -> None:
        parameter = Parameter(name=name, value=ParameterValue(
            type=ParameterType.PARAMETER_STRING, string_value=value))
        answer = self.listener.call(SetParameters, '/pose_machine/set_parameters',
                                    parameters=[parameter])
        assert answer.results[0].successful, answer.results[0].reason


def turned(image: Image, rotation: np.ndarray) -> Image:
    """Return the image after the camera has turned: a ray r of before is at rotation @ r."""
    matrix = np.reshape(good_photo_info().k, (3, 3))
    pixels = np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)
    moved = cv2.warpPerspective(pixels, matrix @ rotation @ np.linalg.inv(matrix),
                                (image.width, image.height))
    image.data[:] = type(image.data)('B', moved.tobytes())
    return image


def root(person: Skeleton3D) -> np.ndarray:
    place = person.joints[0].position
    return np.array((place.x, place.y, place.z))


@pytest.fixture(scope='module')
def robot() -> Iterator[Robot]:
    rclpy.init(args=[])
    made = Robot()
    try:
        made.wait_until_ready()
        yield made
    finally:
        made.end()
        rclpy.try_shutdown()
    assert 'Traceback' not in made.node.output


def test_without_transforms_nothing_is_published_until_they_come(robot: Robot) -> None:
    robot.blind("TF has no frame 'odom'")
    assert not robot.listener.skeletons
    answer = robot.answer()
    assert answer.header.frame_id == 'odom'
    person = present(answer)[0]
    assert person.space == Skeleton3D.WORLD_METRIC
    x, y, z = root(person) - (5.1, 0, 0.9)  # of the camera
    assert 1 < x < 10 and abs(y) < x / 2 and abs(z) < x


def test_a_person_who_stands_still_stays_there_while_the_camera_turns(robot: Robot) -> None:
    answers = [robot.answer(math.radians(0.5)) for _ in range(16)][4:]
    name = present(answers[0])[0].id
    people = [next(s for s in answer.skeletons if s.id == name) for answer in answers]
    places = np.stack([root(p) for p in people])
    distance = np.linalg.norm(places[0, :2] - (5, 0))
    seen = math.radians(0.5) * (len(answers) - 1) * distance  # what the camera sees of the turn
    assert np.linalg.norm(places[-1] - places[0]) < 0.3 * seen
    speeds = [np.hypot(p.joints[0].velocity.x, p.joints[0].velocity.y) for p in people]
    assert np.median(speeds) < 0.5 * math.radians(0.5) * 30 * distance


def test_when_transforms_stop_results_stop_until_they_go_on(robot: Robot) -> None:
    robot.answer()
    count = len(robot.listener.skeletons)
    robot.blind("TF has no transform from 'eye' to 'odom' at the time of the image: "
                "that of 'base' in 'odom' ended")
    assert len(robot.listener.skeletons) - count <= 7  # the newest transform counts for 0.2 s
    assert robot.answer().header.frame_id == 'odom'
    robot.listener.spin_until(lambda: 'TF tells again' in robot.node.output)


def test_frames_can_be_set_while_the_node_runs(robot: Robot) -> None:
    robot.set('target_frame', '')
    robot.listener.spin_until(lambda: robot.answer().header.frame_id == 'eye')
    robot.set('floor', 'the_floor')

    def is_said() -> bool:
        robot.answer()  # people are still published
        return "the floor is not known: TF has no frame 'the_floor'" in robot.health()[1]
    robot.listener.spin_until(is_said)
    robot.set('floor', 'odom')
    robot.listener.spin_until(lambda: bool(robot.answer()) and 'floor' not in robot.health()[1])
    robot.set('floor', '')
    robot.set('target_frame', 'odom')
    robot.listener.spin_until(lambda: robot.answer().header.frame_id == 'odom')
