# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The YAML file with the poses of the cameras."""

from __future__ import annotations

from pathlib import Path

import yaml

from pose_machine_ros.io.output_files import atomic_output
from pose_machine_ros.rig_calibration.calibration import RigCalibration
from pose_machine_ros.rig_calibration.launch_snippet import quaternion
from pose_machine_ros.rig_calibration.report import report


def write_extrinsics(rig: RigCalibration, path: Path) -> None:
    """Write the poses, with the uncertainty as comments.

    Raises InputError if the file cannot be written.
    """
    content = {'frame': rig.frame, 'cameras': {
        c.frame_id: {'translation': [round(float(x), 6) for x in c.pose.translation],
                     'rotation': [round(float(x), 9) for x in quaternion(c.pose)],
                     'time_offset': round(c.time_offset, 6)} for c in rig.cameras}}
    text = yaml.safe_dump(content, sort_keys=False, default_flow_style=None)
    with atomic_output(path) as partial:
        partial.write_text(''.join(f'# {line}\n' for line in report(rig)) + text)
