# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The YAML file with the poses of the cameras."""

from __future__ import annotations

from pathlib import Path

from pose_machine_ros.io.calibration.extrinsics import Extrinsics
from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.rig_calibration.calibration import RigCalibration
from pose_machine_ros.rig_calibration.report import report


def write_extrinsics(rig: RigCalibration, path: Path) -> None:
    """Write the poses as `Extrinsics` does, with the uncertainty as comments before them.

    Raises InputError if the file cannot be written.
    """
    extrinsics = Extrinsics(rig.frame, {c.frame_id: c.pose for c in rig.cameras},
                            {c.frame_id: c.time_offset for c in rig.cameras})
    with atomic_output(path) as partial:
        extrinsics.save(partial)
        partial.write_text(''.join(f'# {line}\n' for line in report(rig)) + partial.read_text())
