# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The way of a frame to the device: once, as bytes."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


class FrameUpload:
    """Uploads the frames of one camera, through page-locked memory that the GPU reads by itself."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._staging: Tensor | None = None
        self._copied: torch.cuda.Event | None = None

    def __call__(self, image: np.ndarray) -> Tensor:
        """Return a frame (H, W, 3) uint8 on the device; on a CPU it shares memory with `image`.

        The upload may still run. It comes before everything that is launched later in this stream.
        """
        if self._device.type == 'cpu':
            return torch.from_numpy(image)
        if self._copied is not None:
            self._copied.synchronize()  # the frame before is no longer read
        if self._staging is None or self._staging.shape != image.shape:
            self._staging = torch.empty(image.shape, dtype=torch.uint8, pin_memory=True)
        self._staging.numpy()[:] = image
        frame = self._staging.to(self._device, non_blocking=True)
        self._copied = torch.cuda.current_stream(self._device).record_event()
        return frame
