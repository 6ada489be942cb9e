# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pose machine: frames of one camera in, skeletons out, without ROS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter
import threading

import numpy as np
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.correction.scale import Floor
from pose_machine_ros.cuda_graphs import padded_sizes
from pose_machine_ros.depth.depth_image import DepthImage
from pose_machine_ros.devices import (
    explain_memory_errors, out_of_memory_error, pick_device, single_thread)
from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.network import PoseNetwork2D
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.networks import load_networks, NetworkPool
from pose_machine_ros.pose import Appearance, Person2D, Skeleton, TrackingState
from pose_machine_ros.skeleton import APPEARANCE_POINTS, COCO_17
from pose_machine_ros.stamp_order import StampOrder
from pose_machine_ros.timing import Stopwatch
from pose_machine_ros.tracking.background_searcher import BackgroundSearcher
from pose_machine_ros.tracking.searcher import InlineSearcher
from pose_machine_ros.tracking.tracker import PeopleTracker

# px. The detector's input has the same size for all images of one aspect ratio, and a runtime
# prepares itself at the first input of each size. These are the ratios of nearly all cameras.
_WARM_UP_SIZES = ((640, 480), (1280, 720))
_FIXED_ONCE_LOADED = ('device', 'keypoints.model', 'keypoints.backend', 'keypoints.threads',
                      'lifting.features')


class PoseMachine:
    """Turns the frames of one camera into skeletons.

    The machine has state: call `step` with every frame to be used, oldest first. `reset` forgets
    all people, and the next frame reports them as LOST; their ids are not reused. `step`, `reset`
    and `configure` may be called from different threads: `step` and `reset` wait for each other,
    `configure` does not wait.

    With `background`, for live cameras, searches for new people run beside the frames while
    somebody is tracked: a frame does not wait for the detector, and when a new person appears
    depends on the speed of the machine. Call `close` at the end, or before a rest.
    """

    def __init__(self, config: MachineConfig = MachineConfig(), pool: NetworkPool | None = None,
                 ids: Iterator[str] | None = None, background: bool = False) -> None:
        """Load the networks, or borrow them from the `pool` of several machines.

        New people get their ids from `ids`, so that a machine can continue those of another one.
        Raises WeightsError if the weights are not usable, InputError if the device does not exist,
        and DeviceError if it does not have enough memory.
        """
        self.config = self._applied = config
        self.device = pick_device(config.device)
        self.stopwatch = Stopwatch(self.device)
        self._turn = threading.RLock()
        with explain_memory_errors():
            get = pool.lend if pool else load_networks
            self._networks = get(config.keypoints, self.device, config.lifting.features)
            self._network = PoseNetwork2D(
                config.keypoints, self.device, self._networks.runners)
            self._tracker = PeopleTracker(
                self._network, config.tracking, self.stopwatch, ids,
                BackgroundSearcher() if background else InlineSearcher())
            self._tracker.rotation = config.lifting.rotation
            self._lifter = PoseLifter(
                config.lifting, self.device, self.stopwatch, self._networks.lifter,
                self._networks.appearance)
        self._people: list[Person2D] = []
        self._size: tuple[int, int] | None = None
        self._order = StampOrder()

    def warm_up(self, with_depth: bool = False) -> None:
        """Run all networks once, so that they are ready when the first frame comes.

        They are then ready for images with a ratio of 4:3 or 16:9, and `with_depth` for depth. All
        people are forgotten. Raises DeviceError if the device does not have enough memory.
        """
        camera = Camera.from_fov(640, 480)
        keypoints = np.ones((len(COCO_17), 3), np.float32)
        keypoints[:, :2] = np.linspace((200, 100), (400, 400), len(COCO_17))
        network = self._networks.appearance
        appearance = None if network is None else Appearance(
            np.zeros((len(APPEARANCE_POINTS), network.channels), np.float32), 0.0)
        person = Person2D('', TrackingState.TRACKED, keypoints, np.float32([200, 100, 400, 400]),
                          appearance)
        with self._turn, explain_memory_errors():
            self.reset()
            if with_depth:
                self._lifter.expect_depth()
            # Nobody is in the images of the tracker
            frame = self._network.upload(np.zeros((480, 640, 3), np.uint8))
            for count in (1, 2):
                regions = np.tile(person.box, (count, 1))
                self._network.refine(self._network.crop(frame, regions), regions)
            for width, height in _WARM_UP_SIZES:
                self._tracker.reset()  # the first frame gets the detector at each of its sizes
                self._tracker.update(np.zeros((height, width, 3), np.uint8), 0)
            counts = padded_sizes(self.config.tracking.max_people) \
                if self.device.type == 'cuda' else (1, 1)
            for index, count in enumerate(counts):
                crowd = [replace(person, id=str(i)) for i in range(count)]
                self._lifter.step(crowd, index, camera)
            self.reset()

    def configure(self, config: MachineConfig) -> None:
        """Use other settings from the next frame on; only another rotation forgets all people.

        Raises InputError for a change of the settings that the networks were loaded with, and
        WeightsError or DeviceError if a learned correction is needed and cannot be loaded;
        nothing has changed then.
        """
        for name in _FIXED_ONCE_LOADED:
            old, new = (attrgetter(name)(c) for c in (self.config, config))
            if old != new:
                raise InputError(f'{name} = {new!r} was {old!r} when the networks were loaded; '
                                 'make a new PoseMachine')
        with explain_memory_errors():
            self._lifter.prepare(config.lifting)
        self.config = config

    def set_floor(self, floor: Floor | None) -> None:
        """Use this floor in the camera's optical frame from the next frame on.

        It determines people's sizes. None is that of `camera_height` and `camera_pitch`, if any.
        """
        self._lifter.set_floor(floor)

    @property
    def backend(self) -> str:
        """Return what computes the 2D networks, and how: for instance 'openvino bfloat16'."""
        return self._networks.runners.backend

    @property
    def depth_share(self) -> float:
        """Return the share of the newest people's joints with a depth; NaN without depth."""
        return self._lifter.depth_share

    @property
    def people(self) -> list[Person2D]:
        """Return the people in the newest frame in 2D, in the order of their skeletons."""
        return self._people

    @property
    def uses_features(self) -> bool:
        """Return whether the lifter gets features of the picture from the 2D network."""
        return self._networks.runners.have_features

    @property
    def is_crowded(self) -> bool:
        """Whether `max_people` are tracked and the last detection found another person."""
        return self._tracker.is_crowded

    def reset(self) -> None:
        """Forget all people."""
        with self._turn:
            self._tracker.reset()
            self._lifter.reset()
            self._order.reset()

    def close(self) -> None:
        """Forget all people and end the thread of a machine with `background`."""
        with self._turn:
            self.reset()
            if self._tracker.close():  # otherwise a search still uses the network
                self._network.close()
            self._lifter.close()

    @single_thread
    def step(self, image: np.ndarray, stamp_ns: int, camera: Camera,
             depth: DepthImage | None = None) -> list[Skeleton]:
        """Return the skeletons of all people in a frame, in the camera's optical frame, metres.

        `image` (H, W, 3) is uint8, BGR, and `stamp_ns` the time at which it was taken. `depth` is a
        depth image of about the same time; frames may have one or not. With
        `background` a search may read the image after this returns: do not change it. A stamp that
        goes back by `lifting.max_gap` or more, a gap longer than that, another image size, and a
        stream of late frames (see `StampOrder`) reset the machine. Raises LateFrameError for a
        stamp that goes back by less, and InputError for an unusable image or camera and for the
        stamp of the frame before; the frame then has no effect. Raises DeviceError if the device's
        memory is full; all people are forgotten then, and the memory is free again.
        """
        check_image(image)
        size = (image.shape[1], image.shape[0])
        if (camera.width, camera.height) != size:
            raise InputError(
                f'the image is {size[0]}x{size[1]} and the camera {camera.width}x{camera.height}; '
                'calibrate the camera at the size it publishes')
        with self._turn:
            self._apply(self.config)
            if size != self._size or self._order.starts_new_stream(
                    stamp_ns, self._applied.lifting.max_gap):
                self.reset()
            self._order.accept(stamp_ns)
            is_new_size, self._size = size != self._size, size
            self.stopwatch.reset()
            try:
                if is_new_size:
                    self._network.prepare(image, self._applied.tracking.max_people)
                motions = self._lifter.predict_motion(stamp_ns, camera)
                self._people = self._tracker.update(image, stamp_ns, motions)
                return self._lifter.step(self._people, stamp_ns, camera, depth)
            except torch.OutOfMemoryError as error:
                full = out_of_memory_error(error)
            self.reset()  # only now: here the memory that the traceback kept alive is free
        torch.cuda.empty_cache()
        raise full

    def _apply(self, config: MachineConfig) -> None:
        if config is self._applied:
            return
        if config.lifting.rotation != self._applied.lifting.rotation:
            self.reset()  # the state is for the other rotation
            self._tracker.rotation = config.lifting.rotation
        self._lifter.configure(config.lifting)
        self._network.config = config.keypoints
        self._tracker.config = config.tracking
        self._applied = config


def check_image(image: np.ndarray) -> None:
    """Raise InputError unless `image` is a non-empty (H, W, 3) uint8 array."""
    if not isinstance(image, np.ndarray) or image.ndim != 3 or image.shape[2] != 3 \
            or image.dtype != np.uint8 or image.size == 0:
        what = f'{image.dtype} {image.shape}' if isinstance(image, np.ndarray) else type(image)
        raise InputError(f'an image of {what} is not usable; it must be (height, width, 3) '
                         'uint8 BGR')
