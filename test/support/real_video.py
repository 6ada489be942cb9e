# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The real video with 3D truth, which is not in the repository."""

import os
from pathlib import Path

import pytest

from pose_machine_ros.io.sample_video import packaged_video

_DATA = Path(os.environ.get('POSE_MACHINE_DATA') or
             Path(__file__).parents[2].parent / 'shared' / 'data')
TRUTH = _DATA / 'real_video'
_VIDEOS = {  # of the package pose2sim 0.10.49, BSD-3-Clause
    'cam01': 'cf4f2816c86bea4bfbea255333d8626ff32a3ecabdab8b0fb147cea9167fde3a',
    'cam02': '94ff87cf978b8406e8aa36ab3c5362e72848994e87652f0dc7a33c315e8e0442'}

needs_truth = pytest.mark.skipif(
    not TRUTH.is_dir(), reason=f'no 3D truth in {TRUTH}; POSE_MACHINE_DATA may name its folder')


@pytest.fixture(scope='module')
def videos(tmp_path_factory):
    """Return a folder with the videos of both cameras."""
    folder = tmp_path_factory.mktemp('videos')
    for name, sha256 in _VIDEOS.items():
        path = packaged_video('pose2sim==0.10.49',
                              f'Pose2Sim/Demo_SinglePerson/videos/{name}.mp4', sha256)
        (folder / path.name).symlink_to(path)
    return folder
