# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The image with its overlay, next to the view in space."""

from __future__ import annotations

import cv2
import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.pose import Skeleton
from pose_machine_ros.rendering.overlay import draw_overlay
from pose_machine_ros.rendering.view3d import View3D

_MAX_HEIGHT = 720  # px
_MAX_IMAGE_WIDTH = 1080  # px
_MAX_VIEW_WIDTH = 720  # px


class SideBySideView:
    """Draws one image per frame: the image at the left, the view in space at the right."""

    def __init__(self, rotation: int = 0) -> None:
        """Create a view of a camera whose images show people upright once turned by `rotation`.

        `rotation` is in degrees clockwise; the view in space shows people upright.
        """
        self._rotation = rotation
        self._view: View3D | None = None

    def draw(self, image: np.ndarray, skeletons: list[Skeleton], camera: Camera) -> np.ndarray:
        """Return (H, W, 3) BGR with even sides, always the same for images of the same size."""
        skeletons = [s for s in skeletons if s.state.is_active]
        overlay = draw_overlay(image, skeletons, camera)
        height, width = image.shape[:2]
        shown_height = min(_MAX_HEIGHT, round(_MAX_IMAGE_WIDTH * height / width))
        shown_width = round(width * shown_height / height / 2) * 2
        shown_height -= shown_height % 2
        left = cv2.resize(overlay, (shown_width, shown_height), interpolation=cv2.INTER_AREA)
        if self._view is None:
            width = min(_MAX_VIEW_WIDTH, round(1.2 * shown_height) // 2 * 2)
            self._view = View3D(width, shown_height, self._rotation)
        return np.hstack((left, self._view.draw(skeletons, camera)))
