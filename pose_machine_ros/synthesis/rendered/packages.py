# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""anny and pyrender, optional dependencies, or an InputError that says how to install them."""

import os

from pose_machine_ros.errors import InputError

# Without a display. pyrender reads it when it is imported.
os.environ.setdefault('PYOPENGL_PLATFORM', 'egl')

try:
    import anny
    from anny.shape_distribution import SimpleShapeDistribution
    import pyrender
except ImportError as missing:
    raise InputError("rendered people need anny and pyrender: pip install 'pose_machine_ros"
                     f"[synthesis]' ({missing}); see docs/training.md") from missing

__all__ = ['SimpleShapeDistribution', 'anny', 'pyrender']
