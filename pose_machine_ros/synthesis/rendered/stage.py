# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The part of the fixed camera's picture that all close-ups of a sequence lie in."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pose_machine_ros.synthesis.rendered.close_ups import CloseUps, SIZE

_LARGEST = 3 * SIZE  # px; a person who moves far is shown against a coarser background


@dataclass(frozen=True)
class Stage:
    """A picture of what does not move; the close-ups are cut from it."""

    matrix: np.ndarray  # (3, 3) from px of the camera's whole picture to px of the stage
    size: tuple[int, int]  # px, width and height
    close_ups: np.ndarray  # (T, 3, 3) from px of the stage to px of each close-up

    @classmethod
    def of(cls, close_ups: CloseUps) -> Stage:
        """Return the smallest stage around all close-ups."""
        half = SIZE / 2 / close_ups.scales[:, None]
        low, high = (close_ups.centres - half).min(0), (close_ups.centres + half).max(0)
        scale = min(close_ups.scales.mean(), _LARGEST / (high - low).max())
        width, height = np.ceil(scale * (high - low)).astype(int).tolist()
        matrix = np.array(((scale, 0, -scale * low[0]), (0, scale, -scale * low[1]), (0, 0, 1)))
        return cls(matrix, (width, height), close_ups.matrices() @ np.linalg.inv(matrix))

    def cut(self, picture: np.ndarray, frame: int) -> np.ndarray:
        """Return the close-up (S, S, ...) of a frame from a picture (H, W, ...) of the stage."""
        return cv2.warpAffine(picture, self.close_ups[frame][:2], (SIZE, SIZE),
                              flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def put(self, mask: np.ndarray, frame: int) -> np.ndarray:
        """Return a picture (H, W) of the stage with a close-up (S, S), and 0 around it."""
        return cv2.warpAffine(mask, self.close_ups[frame][:2], self.size,
                              flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
