# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A module that answers as MediaPipe does, for tests of the process that runs it."""

from __future__ import annotations

from pathlib import Path

# Finds somebody in all images but black ones, whose first landmark is the image's first RGB pixel,
# with the full model; the heavy one cannot be loaded.
_SOLUTIONS = """
from types import SimpleNamespace as N
class Pose:
    def __init__(self, model_complexity):
        if model_complexity == 2:
            raise ValueError('no heavy model here')
    def __enter__(self):
        return self
    def __exit__(self, *error):
        pass
    def process(self, image):
        assert image.dtype == 'uint8' and image.ndim == 3
        x, y, z = map(float, image[0, 0])
        points = N(landmark=[N(x=x, y=y, z=z, visibility=0.5)] * 33) if image.any() else None
        return N(pose_world_landmarks=points, pose_landmarks=points)
pose = N(Pose=Pose)
"""


def mediapipe_stand_in(folder: Path) -> Path:
    """Write the module; return the folder for PYTHONPATH."""
    package = folder / 'lib' / 'mediapipe'
    package.mkdir(parents=True)
    (package / '__init__.py').touch()
    (package / 'solutions.py').write_text(_SOLUTIONS)
    return package.parent
