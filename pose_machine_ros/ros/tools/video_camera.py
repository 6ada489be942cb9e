# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A simulated camera that plays a video file as sensor_msgs/Image and CameraInfo."""

from __future__ import annotations

import threading
import time

import cv2
import numpy as np
from rcl_interfaces.msg import ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.clip import Clip, memory_for_clips
from pose_machine_ros.io.images import raw
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.ros.conversions.images import bgr_to_image
from pose_machine_ros.ros.runtime.process import run_node

_PARAMETERS = (
    ('file', '', 'Video file'),
    ('calibration', '', 'Calibration file of ROS, OpenCV or kalibr; empty = uncalibrated'),
    ('rate', 0.0, 'Images per second; 0 = that of the file'),
    ('loop', False, 'Play again from the start at the end, instead of exiting'),
    ('preload', False, 'Decode the whole video into memory before playing, if it fits'),
    ('width', 0, 'Width in px to scale images and intrinsics down to; 0 = unchanged'),
    ('frame_id', 'camera', 'frame_id of the headers'),
    ('wait_for_subscribers', 0, 'Number of subscribers of the images to wait for before playing'),
    ('reliable', False, 'Publish with reliable instead of best-effort QoS'),
)
_POLL_SECONDS = 0.05
_LINGER_SECONDS = 0.5  # after the last image, so that it arrives


class VideoCamera(Node):
    """Publishes `image` (bgr8) and `camera_info`, stamped with the time of publication.

    It replaces the driver of a camera, so it takes little of the processor: the decoder has one
    thread, and a video that is played in a loop, or with `preload`, is kept in memory if it fits.
    """

    def __init__(self) -> None:
        """Declare the parameters; raises InputError for an invalid type."""
        super().__init__('video_camera')
        self.is_done = threading.Event()
        self._stop = threading.Event()
        for name, default, description in _PARAMETERS:
            try:
                self.declare_parameter(name, default, ParameterDescriptor(
                    description=description, read_only=True,
                    dynamic_typing=name == 'file'))  # `VideoFile` explains that 0 is not a file
            except InvalidParameterTypeException as error:
                raise InputError(f'parameter {name} has the wrong type: write it like '
                                 f'{default!r} ({error})') from error

    def configure(self) -> None:
        """Open the video and read the calibration; raises InputError for an invalid file."""
        if self._value('file') in ('', None):
            raise InputError('parameter file is empty; give a video: -p file:=VIDEO.mp4')
        video = VideoFile(str(self._value('file')), threads=1)
        if self._value('rate') < 0 or not 0 <= self._value('width') <= video.width:
            raise InputError(f'rate = {self._value("rate")} must not be negative, and width = '
                             f'{self._value("width")} not outside 0 ... {video.width}')
        width = self._value('width') or video.width
        height = round(video.height * width / video.width)
        self._video = video
        self._clip = Clip(video, (width, height), self._memory())
        self._info = CameraInfo(width=width, height=height)
        if self._value('calibration'):
            # These import torch, which takes a second
            from pose_machine_ros.io.calibration import Calibration
            from pose_machine_ros.ros.conversions.camera_info import camera_info

            calibration = Calibration.from_yaml(self._value('calibration')).resized(width, height)
            if remark := calibration.camera().remark:
                self.get_logger().warning(f'{self._value("calibration")}: {remark}')
            self._info = camera_info(calibration)
        self._info.header.frame_id = self._value('frame_id')
        # One message for all images: each overwrites the pixels of the one before
        self._image = bgr_to_image(np.zeros((height, width, 3), np.uint8), self._info.header)
        self._pixels = raw.convert(self._image)
        if self._value('preload'):  # before the node sees a publisher, and expects its images
            self._clip.load()
        # With reliable QoS a slow subscriber may be a second behind
        qos = (QoSProfile(depth=30, reliability=ReliabilityPolicy.RELIABLE)
               if self._value('reliable') else
               QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT))
        self._images = self.create_publisher(Image, 'image', qos)
        self._infos = self.create_publisher(CameraInfo, 'camera_info', qos)

    def activate(self) -> None:
        """Start to play."""
        self._player = threading.Thread(target=self._play, name='video_camera', daemon=True)
        self._player.start()
        width, height = self._clip.size
        self.get_logger().info(
            f'playing {self._video.path} as {width}x{height} on '
            f'{self.resolve_topic_name("image")}, {self._source()}')

    def deactivate(self) -> None:
        """Stop playing."""
        self._stop.set()
        self._player.join()

    def cleanup(self) -> None:
        """Destroy the publishers and close the video."""
        self.destroy_publisher(self._images)
        self.destroy_publisher(self._infos)
        self._video = self._clip = None

    def _value(self, name: str) -> str | bool | int | float:
        return self.get_parameter(name).value

    def _memory(self) -> int:
        """Return the number of bytes that the images may take; 0 if each is used only once."""
        return memory_for_clips() if self._value('loop') or self._value('preload') else 0

    def _source(self) -> str:
        """Return where the images come from, for the log."""
        megabytes, most = self._clip.bytes >> 20, self._memory() >> 20
        if self._clip.is_loaded:
            return f'from memory ({megabytes} MB)'
        if not most:
            return 'decoded while playing'
        if not self._clip.fits:
            return (f'decoded while playing: all images take {megabytes} MB, and at most {most} MB '
                    'are kept in memory')
        return f'decoded while playing once, then from memory ({megabytes} MB, at most {most} MB)'

    def _play(self) -> None:
        published = 0
        try:
            self._wait_for_subscribers()
            while not self._stop.is_set():
                published += self._play_once()
                if not self._value('loop'):
                    break
            self._stop.wait(_LINGER_SECONDS)
        except InputError as error:  # the file is damaged after its start
            self.get_logger().error(str(error))
        self.get_logger().info(f'published {published} images of {self._video.path}')
        self.is_done.set()

    def _wait_for_subscribers(self) -> None:
        count = self._value('wait_for_subscribers')
        while self._images.get_subscription_count() < count and not self._stop.is_set():
            self._stop.wait(_POLL_SECONDS)

    def _play_once(self) -> int:
        """Publish every frame at its time; return the number of frames."""
        start = time.monotonic()
        rate = self._value('rate')
        first_ns = None
        count, due = 0, 0.0
        for stamp_ns, image in self._clip:
            first_ns = stamp_ns if first_ns is None else first_ns
            due = count / rate if rate else (stamp_ns - first_ns) * 1e-9
            if self._stop.wait(max(start + due - time.monotonic(), 0)):
                break
            self._publish(image)
            count += 1
        # The last frame lasts for one frame period
        self._stop.wait(max(start + due + 1 / (rate or self._video.fps) - time.monotonic(), 0))
        return count

    def _publish(self, image: np.ndarray) -> None:
        np.copyto(self._pixels, image)
        self._info.header.stamp = self.get_clock().now().to_msg()
        self._infos.publish(self._info)
        self._images.publish(self._image)


def main(args: list[str] | None = None) -> int:
    """Play a video until its end, SIGINT or SIGTERM; return the exit status."""
    cv2.setNumThreads(1)
    return run_node(VideoCamera, args, is_done=lambda node: node.is_done.is_set())
