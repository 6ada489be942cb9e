# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Video files, read frame by frame with the times of the container."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
import re
from urllib.parse import unquote

import cv2
import numpy as np

from pose_machine_ros.errors import InputError

_DEFAULT_FPS = 30.0  # of files without a rate and without times
_MAX_FPS = 300.0  # containers without a rate report that of their clock, such as 1000 or 90000
_ROUNDING = 1.5e-3  # seconds; containers with a clock in milliseconds round every step
_INSPECTED = 60  # frames, to find the rate
_REDUCED_SIZE = 900  # px, longer side
_FEW = 4  # frames in a row whose times do not rise; more mean that the clock has restarted
_DEVICES = ('/dev/video', '/dev/v4l/')
_FILE_URL = re.compile(r'file:/+(localhost/+)?', re.IGNORECASE)
_ADDRESS = re.compile(r'([a-z][a-z0-9+.-]+):/+(?=[^/])', re.IGNORECASE)


class VideoFile:
    """Iterates over `(stamp_ns, image)`: nanoseconds since the first frame, (H, W, 3) uint8 BGR.

    Stamps are the times of the container, at a constant or variable frame rate, and rise strictly.
    Frames are rotated as the container says, as for videos of phones. `path` may be a file:// URL.
    Raises InputError for a file that cannot be read, and for cameras and streams.
    """

    def __init__(self, path: str | Path, threads: int = 0) -> None:
        """Read the header; `threads` is the number of threads of the decoder, 0 for its choice."""
        self.path = _local(path)
        self._threads = threads
        if not self.path.is_file():
            raise no_video_error(path)
        capture = self._open()
        is_read, image = capture.read()
        if not is_read:
            raise InputError(f'{self.path} has no frame that OpenCV can decode; convert it to '
                             'H.264 in an .mp4 file, for instance with ffmpeg')
        self.height, self.width = image.shape[:2]
        self._header_fps = capture.get(cv2.CAP_PROP_FPS)
        self._header_length = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        capture.release()

    def __len__(self) -> int:
        """Return the number of frames according to the file's header; 0 if it has none."""
        if self._header_fps > _MAX_FPS:  # then the header counts ticks of the clock
            return max(round(self._header_length / self._header_fps * self.fps), 0)
        return max(round(self._header_length), 0)

    @cached_property
    def fps(self) -> float:
        """Frames per second: the header's rate, or the median one if the times contradict it."""
        steps = self._first_steps
        usual = float(np.median(steps)) if len(steps) else 0.0
        if self._has_plausible_header and (
                usual <= 0 or abs(1 / self._header_fps - usual) < _ROUNDING):
            return self._header_fps
        return 1 / usual if usual > 0 else _DEFAULT_FPS

    @cached_property
    def has_constant_rate(self) -> bool:
        """Whether all frames are spaced at the rate of the header; reads the whole file."""
        return self.begins_at_constant_rate and self._is_constant(self._steps())

    @cached_property
    def begins_at_constant_rate(self) -> bool:
        """Whether the first frames are spaced at the rate of the header."""
        return self._is_constant(self._first_steps)

    def reduced_width(self) -> int:
        """Return a whole fraction of the width, px, at which the longer side is about 900 px.

        Resizing by a whole factor takes a tenth of the time of another factor.
        """
        return self.width // max(1, round(max(self.width, self.height) / _REDUCED_SIZE))

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        capture = self._open()
        try:
            yield from strictly_rising(_frames(capture), 1e9 / self.fps)
        finally:
            capture.release()

    @property
    def _has_plausible_header(self) -> bool:
        return 0 < self._header_fps <= _MAX_FPS

    def _is_constant(self, steps: np.ndarray) -> bool:
        return self._has_plausible_header and bool(
            (np.abs(steps - 1 / self._header_fps) < _ROUNDING).all())

    @cached_property
    def _first_steps(self) -> np.ndarray:
        return self._steps(_INSPECTED)

    def _steps(self, most: float = np.inf) -> np.ndarray:
        """Return the seconds between the first `most` frames; empty if the file has no times."""
        capture = self._open()
        times = []
        while len(times) < most and capture.grab():
            times.append(capture.get(cv2.CAP_PROP_POS_MSEC) * 1e-3)
        capture.release()
        steps = np.diff(times)
        return steps if (steps > 0).any() else steps[:0]

    def _open(self) -> cv2.VideoCapture:
        options = [cv2.CAP_PROP_N_THREADS, self._threads] if self._threads else []
        capture = cv2.VideoCapture(str(self.path), cv2.CAP_ANY, options)
        if options and not capture.isOpened():  # only FFmpeg knows the option
            capture = cv2.VideoCapture(str(self.path))
        if not capture.isOpened():
            raise InputError(f'{self.path} is not a video that OpenCV can open')
        return capture


def strictly_rising(frames: Iterable[tuple[int, np.ndarray]],
                    step_ns: float) -> Iterator[tuple[int, np.ndarray]]:
    """Yield frames with stamps in ns since the first one, which rise strictly.

    `frames` are (ns by any clock, image). A few frames whose times repeat or go back are spread
    evenly over the time up to the next later frame. More such frames in a row mean that the clock
    has restarted, or that there is none: these frames are `step_ns` apart, and the clock continues
    from there.
    """
    frames = iter(frames)
    for first_ns, image in islice(frames, 1):
        yield 0, image
        offset = -first_ns
    newest, waiting = 0, []
    for time_ns, image in frames:
        stamp_ns = time_ns + offset
        waiting.append(image)
        if stamp_ns >= newest + len(waiting):
            step = (stamp_ns - newest) / len(waiting)
        elif len(waiting) > _FEW:
            step = step_ns
            offset += newest + round(len(waiting) * step) - stamp_ns
        else:
            continue
        yield from ((newest + round(i * step), image) for i, image in enumerate(waiting, 1))
        newest, waiting = newest + round(len(waiting) * step), []
    yield from ((newest + round(i * step_ns), image) for i, image in enumerate(waiting, 1))


def _frames(capture: cv2.VideoCapture) -> Iterator[tuple[int, np.ndarray]]:
    while True:
        is_read, image = capture.read()
        if not is_read:
            return
        # After `read`, this is the time of the frame that was read.
        yield round(capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6), image


def _local(given: str | Path) -> Path:
    """Return the path of a file:// URL, or `given` itself."""
    match = _FILE_URL.match(str(given))
    if match is None or Path(given).exists():
        return Path(given)
    return Path(unquote(f'/{str(given)[match.end():]}'))


def is_camera_or_stream(given: str | Path) -> bool:
    """Return whether `given` is a camera's number or device, or the address of a stream."""
    address = str(given)
    scheme = _ADDRESS.match(address)
    return bool(scheme and scheme[1].lower() != 'file' or address.isdecimal()
                or address.startswith(_DEVICES) or Path(given).is_char_device())


def no_video_error(given: str | Path) -> InputError:
    """Return the error for a path that is not a video file, with a hint for cameras and streams."""
    address = str(given)
    if isinstance(given, Path):  # which drops the second slash
        address = _ADDRESS.sub(r'\1://', address, 1)
    if is_camera_or_stream(given):
        return InputError(
            f'{address} is a camera or a stream; this command reads only video files. Cameras go '
            'through ROS: start a driver for it, such as usb_cam for a webcam, and then "ros2 '
            'launch pose_machine_ros camera.launch.py image:=IMAGE_TOPIC"')
    if _local(given).is_dir():
        return InputError(f'{address} is a folder; give a video file in it')
    return InputError(f'there is no video file {address}')
