# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pose machine: frames of one camera in, skeletons out. Knows no ROS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
import threading

import numpy as np
import torch

from pose_machine_ros.camera import Camera
from pose_machine_ros.devices import explain_memory_errors, out_of_memory_error, pick_device
from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d import Keypoints2DConfig, PoseNetwork2D
from pose_machine_ros.lifting.lifter import LiftingConfig, PoseLifter
from pose_machine_ros.networks import load_networks, NetworkPool
from pose_machine_ros.pose import Person2D, Skeleton, TrackingState
from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.stamp_order import StampOrder
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.tracking import PeopleTracker, TrackingConfig

_OF_LOADING = ('device', 'keypoints.backend', 'keypoints.threads')


@dataclass(frozen=True)
class MachineConfig:
    """All settings of the pose machine."""

    device: str = 'auto'  # 'auto', 'cpu', 'cuda' or 'cuda:N'
    keypoints: Keypoints2DConfig = field(default_factory=Keypoints2DConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)
    lifting: LiftingConfig = field(default_factory=LiftingConfig)


class PoseMachine:
    """Turns the frames of one camera into skeletons.

    The machine remembers: call `step` with every frame to be used, oldest first. `reset` forgets
    everybody seen, and the next frame has them as LOST; ids go on where they were, so none comes
    back. `step`, `reset` and `configure` may be called from different threads: `step` and `reset`
    wait for each other, `configure` waits for nobody.
    """

    def __init__(self, config: MachineConfig = MachineConfig(), pool: NetworkPool | None = None,
                 ids: Iterator[str] | None = None) -> None:
        """Load the networks, or borrow them from the `pool` of several machines.

        People get their ids from `ids`, where a machine goes on after another one.
        Raises WeightsError, InputError for a device that is not there, and DeviceError for one
        without enough memory.
        """
        self.config = self._applied = config
        self.device = pick_device(config.device)
        self.stopwatch = Stopwatch(self.device)
        self._turn = threading.RLock()
        with explain_memory_errors():
            get = pool.lend if pool else load_networks
            self._networks = get(config.keypoints, self.device)
            self._network = PoseNetwork2D(
                config.keypoints, self.device, self._networks.runners)
            self._tracker = PeopleTracker(self._network, config.tracking, self.stopwatch, ids)
            self._tracker.rotation = config.lifting.rotation
            self._lifter = PoseLifter(
                config.lifting, self.device, self.stopwatch, self._networks.lifter)
        self._size: tuple[int, int] | None = None
        self._order = StampOrder()

    def warm_up(self) -> None:
        """Run everything on a made-up person, so that the first frame takes no longer than others.

        Nothing of it is remembered. Raises DeviceError if the device has not enough memory.
        """
        camera = Camera.from_fov(640, 480)
        keypoints = np.ones((len(COCO_17), 3), np.float32)
        keypoints[:, :2] = np.linspace((200, 100), (400, 400), len(COCO_17))
        person = Person2D('', TrackingState.TRACKED, keypoints, np.float32([200, 100, 400, 400]))
        with self._turn, explain_memory_errors():
            self.reset()
            for index in range(2):
                self._tracker.step(np.zeros((480, 640, 3), np.uint8), index)
                self._lifter.step([person], index, camera)
            self.reset()

    def configure(self, config: MachineConfig) -> None:
        """Go on with other settings from the next frame on; only a rotation forgets everybody.

        Raises InputError for settings that the networks were loaded for, and WeightsError or
        DeviceError where the learned correction is wanted and can't be loaded; nothing has changed
        then.
        """
        for name in _OF_LOADING:
            old, new = (attrgetter(name)(c) for c in (self.config, config))
            if old != new:
                raise InputError(f'{name} = {new!r} was {old!r} when the networks were loaded; '
                                 'make a new PoseMachine')
        with explain_memory_errors():
            self._lifter.prepare(config.lifting)
        self.config = config

    @property
    def is_crowded(self) -> bool:
        """Whether `max_people` are followed, and somebody else was in view at the last look."""
        return self._tracker.is_crowded

    def reset(self) -> None:
        """Forget all people."""
        with self._turn:
            self._tracker.reset()
            self._lifter.reset()
            self._order.reset()

    def step(self, image: np.ndarray, stamp_ns: int, camera: Camera) -> list[Skeleton]:
        """Return the skeletons of everyone in a frame, in the camera's optical frame, metres.

        `image` (H, W, 3) uint8, BGR; `stamp_ns` when it was taken. A stamp that goes back by
        `lifting.max_gap` or more, a gap longer than that and another image size reset the machine;
        so do late frames that keep coming (see `StampOrder`). Raises LateFrameError for a stamp
        that goes back by less, and InputError for an image or a camera that can't be used and for
        a stamp that was there just before; the machine is then as if there had been no frame.
        Raises DeviceError where the device's memory is full; everybody is forgotten then, and the
        memory is free again.
        """
        check_image(image)
        size = (image.shape[1], image.shape[0])
        if (camera.width, camera.height) != size:
            raise InputError(
                f'the image is {size[0]}x{size[1]} and the camera {camera.width}x{camera.height}; '
                'calibrate the camera at the size it publishes')
        with self._turn:
            self._apply(self.config)
            if self._must_forget(size, stamp_ns):
                self.reset()
            self._size = size
            self._order.accept(stamp_ns)
            self.stopwatch.reset()
            try:
                motions = self._lifter.predict_motion(stamp_ns, camera)
                people = self._tracker.step(image, stamp_ns, motions)
                return self._lifter.step(people, stamp_ns, camera)
            except torch.OutOfMemoryError as error:
                full = out_of_memory_error(error)
            self.reset()  # only now: what the error's frames held is free
        torch.cuda.empty_cache()
        raise full

    def _apply(self, config: MachineConfig) -> None:
        if config is self._applied:
            return
        if config.lifting.rotation != self._applied.lifting.rotation:
            self.reset()  # what is remembered is turned otherwise
            self._tracker.rotation = config.lifting.rotation
        self._lifter.configure(config.lifting)
        self._network.config = config.keypoints
        self._tracker.config = config.tracking
        self._applied = config

    def _must_forget(self, size: tuple[int, int], stamp_ns: int) -> bool:
        return size != self._size \
            or self._order.begins_anew(stamp_ns, self._applied.lifting.max_gap)


def check_image(image: np.ndarray) -> None:
    """Raise InputError unless `image` is (H, W, 3) uint8 and not empty."""
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3 \
            or image.dtype != np.uint8 or image.size == 0:
        what = f'{image.dtype} {image.shape}' if isinstance(image, np.ndarray) else type(image)
        raise InputError(f'an image of {what} is not usable; it must be (height, width, 3) '
                         'uint8 BGR')
