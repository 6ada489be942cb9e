# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tell a robot to stop if a hand is within half a metre of a camera.

Publishes std_msgs/Bool on `~/stop` twenty times a second; true means stop. The robot must also stop
when no message arrives, as with a lock with timeout in twist_mux. The answer is stop if there are
no recent skeletons, if the camera is not calibrated, and if a hand may be close.

This example is not a safety function: a camera does not see people behind an obstacle.
"""

from geometry_msgs.msg import Point
import numpy as np
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.time import Time
from std_msgs.msg import Bool

from pose_machine_msgs.msg import Joint3D, Skeleton3D, Skeleton3DArray, SkeletonModel

LIMIT = 0.5  # metres from the camera to a fingertip
HAND = 0.2  # metres from the wrist, which is the joint, to a fingertip
ARM = 0.7  # metres from the shoulder to the wrist
MIN_SCORE = 0.3  # a wrist with a lower score may be anywhere within reach of the other joints
DEVIATIONS = 2.0  # standard deviations that are subtracted from the distance
MAX_AGE = 0.3  # seconds after the image stamp for which a skeleton is used
HOLD = 0.5  # seconds without a reason to stop before the robot may move again
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


class StopWhenClose(Node):
    """Compares the distance of the nearest hand with the limit, twenty times a second."""

    def __init__(self) -> None:
        super().__init__('stop_when_close')
        self._newest: Skeleton3DArray | None = None
        self._names: list[str] = []
        self._last_reason = self.get_clock().now()
        self._stop = self.create_publisher(Bool, '~/stop', 1)
        self.create_subscription(Skeleton3DArray, 'pose_machine/skeletons', self._on_skeletons, 1)
        self.create_subscription(
            SkeletonModel, 'pose_machine/skeleton_model', self._on_model, LATCHED)
        self.create_timer(0.05, self._publish)

    def _on_skeletons(self, message: Skeleton3DArray) -> None:
        self._newest = message

    def _on_model(self, message: SkeletonModel) -> None:
        self._names = list(message.joint_names)

    def _publish(self) -> None:
        if not self._is_safe():
            self._last_reason = self.get_clock().now()
        quiet = (self.get_clock().now() - self._last_reason).nanoseconds * 1e-9
        self._stop.publish(Bool(data=not quiet >= HOLD))

    def _is_safe(self) -> bool:
        if self._newest is None or not self._names:
            return False
        age = (self.get_clock().now() - Time.from_msg(self._newest.header.stamp)).nanoseconds * 1e-9
        people = [s for s in self._newest.skeletons if s.tracking_state != Skeleton3D.LOST]
        return abs(age) <= MAX_AGE and all(
            s.space != Skeleton3D.ROOT_RELATIVE and self._nearest(s) > LIMIT for s in people)

    def _nearest(self, person: Skeleton3D) -> float:
        """Return the smallest possible distance of a fingertip, metres; NaN if unknown."""
        places = [camera.pose.position for camera in self._newest.cameras]
        seen = {name: min((distance(joint, place) for place in places), default=float('nan'))
                for name, joint in zip(self._names, person.joints) if joint.score >= MIN_SCORE}
        anywhere = min(seen.values(), default=float('nan')) - ARM
        return np.min([seen.get(w, anywhere) for w in ('left_wrist', 'right_wrist')]) - HAND


def distance(joint: Joint3D, camera: Point) -> float:
    """Return a lower bound of the distance from a camera, by the covariance, metres."""
    away = np.array([getattr(joint.position, axis) - getattr(camera, axis) for axis in 'xyz'])
    length = np.linalg.norm(away)
    covariance = joint.position_covariance.reshape(3, 3)
    return length - DEVIATIONS * np.sqrt(away @ covariance @ away) / length


def main() -> None:
    rclpy.init()
    try:
        rclpy.spin(StopWhenClose())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass


if __name__ == '__main__':
    main()
