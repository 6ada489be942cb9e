# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import numpy as np
from support.clips import write_clip

from pose_machine_ros.benchmark.filmed_part import find_part
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.io.video import VideoFile


def test_each_person_of_a_video_has_pictures_of_their_own(tmp_path):
    video = VideoFile(write_clip(tmp_path / 'clip.avi', 12))
    part = find_part(video, 6, MachineConfig(device='cpu'))
    assert len(part.images) == 6
    assert len(part.people) == 2
    for pictures in part.people:
        assert len(pictures) == 6 and len({p.shape for p in pictures}) == 1
        height, width = pictures[0].shape[:2]
        assert height > width and height < video.height
        shown = part.images[0]
        assert any((shown[y:y + height, x:x + width] == pictures[0]).all()
                   for y in range(video.height - height + 1)
                   for x in np.flatnonzero((shown[y] == pictures[0][0, 0]).all(1))
                   if x + width <= video.width)


def test_a_short_video_is_taken_as_a_whole(tmp_path):
    video = VideoFile(write_clip(tmp_path / 'clip.avi', 3))
    assert len(find_part(video, 60, MachineConfig(device='cpu')).images) == 3
