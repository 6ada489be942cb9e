# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The adapter of tf2_ros, with a stand-in for that module, which wheels do not carry.

The stand-in has the classes, signatures and exceptions of tf2_ros in Humble to Kilted that the
adapter uses.
"""

from __future__ import annotations

from types import SimpleNamespace

from geometry_msgs.msg import TransformStamped
import numpy as np
import pytest
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time
from support.transforms import stamped

from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.camera.transform_tree import TOLERANCE_NS
from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.input import tf2_transforms
from pose_machine_ros.ros.input.transform_buffer import TransformBuffer

S = 10**9
NEWEST = 1_700_000_000 * S
TURN = RigidTransform.from_quaternion(np.array([0, 0, 1, 1]), np.array([1, 2, 3]))


class TransformException(Exception):
    """The base class."""


class LookupException(TransformException):
    """A frame is not known."""


class ExtrapolationException(TransformException):
    """There is no transform at that time."""


class Buffer:
    """Knows 'eye' in 'odom' from 10 s before NEWEST to NEWEST, and the static 'lens' in 'eye'.

    As in tf2, transforms that are more than 10 s older than the newest one are ignored, and
    `clear` keeps static ones.
    """

    def __init__(self, cache_time: Duration | None = None, node: Node | None = None) -> None:
        assert cache_time == Duration(seconds=10)
        self.stamps = [NEWEST - 10 * S, NEWEST]

    def set_transform(self, transform: TransformStamped, authority: str) -> None:
        stamp = Time.from_msg(transform.header.stamp).nanoseconds
        if not self.stamps or stamp >= self.stamps[-1] - 10 * S:
            self.stamps = sorted((*self.stamps, stamp))

    def clear(self) -> None:
        self.stamps = []

    def lookup_transform(self, target_frame: str, source_frame: str, time: Time,
                         timeout: Duration = Duration()) -> TransformStamped:
        if (target_frame, source_frame) == ('eye', 'lens'):
            return stamped('eye', 'lens', TURN, time.nanoseconds)
        if (target_frame, source_frame) != ('odom', 'eye'):
            raise LookupException(f'"{target_frame}" passed to lookupTransform argument '
                                  'target_frame does not exist. ')
        if not self.stamps:
            raise LookupException('There is no transform. ')
        stamp = time.nanoseconds or self.stamps[-1]
        if not self.stamps[0] <= stamp <= self.stamps[-1]:
            raise ExtrapolationException('Lookup would require extrapolation. ')
        return stamped('odom', 'eye', TURN, stamp)

    def all_frames_as_yaml(self) -> str:
        return "eye: \n  parent: 'odom'\n  broadcaster: 'default_authority'\n  rate: 10.000\n"


class TransformListener:
    """Only says whether it is open."""

    def __init__(self, buffer: Buffer, node: Node, *, spin_thread: bool = False) -> None:
        self.is_open = True

    def unregister(self) -> None:
        self.is_open = False


@pytest.fixture
def buffer(node: Node, monkeypatch: pytest.MonkeyPatch) -> TransformBuffer:
    monkeypatch.setattr(tf2_transforms, 'tf2_ros', SimpleNamespace(
        Buffer=Buffer, TransformListener=TransformListener, TransformException=TransformException,
        LookupException=LookupException, ExtrapolationException=ExtrapolationException))
    made = TransformBuffer(node)
    assert isinstance(made._transforms, tf2_transforms.Tf2Transforms)
    return made


@pytest.mark.parametrize('stamp_ns', [NEWEST - S, NEWEST, NEWEST + TOLERANCE_NS])
def test_it_gives_the_transform_of_tf2_or_the_newest_a_moment_later(buffer, stamp_ns):
    found = buffer.lookup('/odom', 'eye', stamp_ns)
    np.testing.assert_allclose(found.rotation, TURN.rotation, atol=1e-9)
    np.testing.assert_allclose(found.translation, TURN.translation)


def test_a_transform_that_is_too_old_is_refused(buffer):
    with pytest.raises(InputError, match="from 'eye' to 'odom': .*extrapolation"):
        buffer.lookup('odom', 'eye', NEWEST + TOLERANCE_NS + 1)


def test_an_unknown_frame_is_refused_with_a_hint(buffer):
    with pytest.raises(InputError, match=r"from 'eyes' to 'odom' \(did you mean 'eye'\?\)"):
        buffer.lookup('odom', 'eyes', NEWEST)


def publish(buffer: TransformBuffer, stamp_ns: int) -> None:
    """Do as the listener does when a transform of 'eye' in 'odom' arrives."""
    buffer._transforms._buffer.set_transform(stamped('odom', 'eye', TURN, stamp_ns), 'bag')


def test_after_stamps_went_back_transforms_are_used_again(buffer):
    buffer.lookup('odom', 'eye', NEWEST)
    again = NEWEST - 60 * S
    publish(buffer, again)
    with pytest.raises(InputError):  # it is older than all others
        buffer.lookup('odom', 'eye', again)
    for k in range(1, 5):
        publish(buffer, again + k * S)
        buffer.lookup('odom', 'eye', again + k * S)
    buffer.lookup('eye', 'lens', again)


def test_cameras_whose_clocks_differ_do_not_make_it_forget(buffer):
    for k in range(5):
        publish(buffer, NEWEST + k * S)
        buffer.lookup('odom', 'eye', NEWEST + k * S)
        buffer.lookup('eye', 'lens', NEWEST + (k - 3) * S)
        buffer.lookup('odom', 'eye', NEWEST + k * S - S)  # late, but not a jump


def test_closing_it_unsubscribes(buffer):
    buffer.close()
    assert not buffer._transforms._listener.is_open
