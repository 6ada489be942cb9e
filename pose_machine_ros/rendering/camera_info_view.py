# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera of a CameraInfo in the viewer, as the node reads it."""

from __future__ import annotations

import io
import logging
from typing import Any

from PIL import Image as PictureFile

from pose_machine_ros.camera.field_of_view import DEFAULT_FOV
from pose_machine_ros.errors import InputError
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.rendering.rerun_view import RerunView

_LOGGER = logging.getLogger(__name__)


class CameraInfoView:
    """Shows the camera of a CameraInfo for the size of its images.

    Logs once what is suspicious about a camera, or why it cannot be used.
    """

    def __init__(self, view: RerunView, rectified: bool = False,
                 fov: float = DEFAULT_FOV) -> None:
        """Create a view; `rectified` and `fov` are those of `Calibration.camera`."""
        self._view = view
        self._options = {'rectified': rectified, 'fov': fov}
        self._size = (0, 0)
        self._logged: set[str] = set()

    def set_image_size(self, message: Any) -> None:
        """Use the size of an Image or a CompressedImage, of rclpy or of rosbags."""
        if hasattr(message, 'width'):
            self._size = message.width, message.height
            return
        try:
            self._size = PictureFile.open(io.BytesIO(bytes(message.data))).size
        except (OSError, ValueError, SyntaxError):  # no image; the viewer logs that
            pass

    def show(self, stamp_ns: int, info: Any) -> None:
        """Show the camera of a CameraInfo, of rclpy or of rosbags, from `stamp_ns` on."""
        calibration = Calibration.from_camera_info(info)
        if 0 in (self._size if any(self._size) else calibration.image_size):
            return  # until an image gives the size
        try:
            camera = calibration.camera(*self._size, **self._options)
        except InputError as error:
            self._warn_once(str(error), str(error))
            return
        self._warn_once(camera.remark, camera.remark_kind)
        self._view.log_camera(stamp_ns, camera)

    def _warn_once(self, text: str, kind: str) -> None:
        if text and kind not in self._logged:
            self._logged.add(kind)
            _LOGGER.warning('camera_info: %s', text)
