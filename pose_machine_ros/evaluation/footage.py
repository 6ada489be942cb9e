# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Real footage with several people, and by eye where each of them is.

The videos are files of Python packages (BSD-3-Clause), got by their names. A mark is the middle of
a person's trunk, between shoulders and hips, in px of the picture, set by eye every few frames; in
between it is interpolated. Before the first and after the last of them a person may be told, but
need not.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pose_machine_ros.evaluation.mot_metrics import FrameMatch, SAME
from pose_machine_ros.io.sample_video import packaged_video, sample_video
from pose_machine_ros.pose import Skeleton, TrackingState
from pose_machine_ros.skeleton import COCO_17

_REACH = 0.045  # of the picture's longer side: how far from a mark the person may be told
_TRUNK = [COCO_17.index(f'{side}_{part}') for side in ('left', 'right')
          for part in ('shoulder', 'hip')]

Mark = tuple[int, int, int]  # frame, u, v


@dataclass(frozen=True)
class Footage:
    """A video, where to get it, and the marks of everybody in it."""

    people: tuple[tuple[Mark, ...], ...]
    member: str = ''  # file of the package; empty for the sample video
    sha256: str = ''

    def path(self) -> Path:
        """Return where the video is; gets it if need be, see `packaged_video`."""
        if not self.member:
            return sample_video()
        return packaged_video('pose2sim==0.10.49', self.member, self.sha256)

    def sighting(self, frame: int, skeletons: list[Skeleton], long_side: int) -> FrameMatch:
        """Return who is there and who is told in one frame of a picture `long_side` px long."""
        seen = [s for s in skeletons if s.state in (TrackingState.NEW, TrackingState.TRACKED)]
        told = np.array([s.keypoints[_TRUNK, :2].mean(0) for s in seen]).reshape(-1, 2)
        true, visible = [], []
        for marks in self.people:
            frames, u, v = np.array(marks).T
            true.append((np.interp(frame, frames, u), np.interp(frame, frames, v)))
            visible.append(frames[0] <= frame <= frames[-1])
        away = np.linalg.norm(np.array(true)[:, None] - told[None], axis=-1)
        return FrameMatch([s.id for s in seen], SAME ** np.square(away / (_REACH * long_side)),
                          np.array(visible))


def _multi_person(camera: str, sha256: str, *people: tuple[Mark, ...]) -> Footage:
    return Footage(people, f'Pose2Sim/Demo_MultiPerson/videos/{camera}.mp4', sha256)


FOOTAGE = {
    'jumper and walker': Footage((
        ((0, 653, 209), (15, 642, 174), (30, 636, 179), (45, 642, 203), (52, 637, 167),
         (60, 631, 225), (75, 632, 216), (90, 647, 185), (105, 656, 198), (120, 721, 202),
         (135, 773, 195), (150, 795, 202), (160, 838, 249), (164, 859, 272), (168, 877, 196),
         (172, 910, 214), (176, 942, 247), (180, 963, 327), (184, 986, 415), (188, 1029, 546),
         (195, 1099, 762), (200, 1144, 766), (206, 1238, 706), (210, 1304, 685), (216, 1394, 678),
         (222, 1510, 659), (226, 1548, 648)),
        ((44, 1540, 683), (52, 1478, 672), (60, 1415, 675), (75, 1274, 661), (90, 1129, 655),
         (105, 978, 659), (120, 831, 656), (135, 690, 655), (150, 536, 648), (162, 397, 657),
         (170, 331, 666), (182, 205, 660), (188, 137, 665), (195, 54, 668), (198, 27, 660)))),
    'three on a treadmill': _multi_person(
        'cam01', '543cee6a4c2c2b52dc9eac9137ee63d14f1f84e706a9a7264769edcb11e5ea53',
        ((0, 432, 606), (11, 467, 615), (22, 505, 648), (33, 525, 670), (44, 538, 690),
         (55, 546, 692), (66, 564, 690), (77, 594, 698), (88, 631, 720), (99, 660, 741)),
        ((0, 810, 1162), (22, 801, 1165), (33, 816, 1167), (44, 752, 1188), (55, 755, 1152),
         (66, 758, 1163), (77, 769, 1165), (88, 767, 1170), (99, 820, 1156)),
        ((0, 66, 450), (99, 66, 450))),
    'the same, from the front': _multi_person(
        'cam02', '8895092a7cf26359205a427b7ac2f4a935c2e0bd36d9b7a5140cb33faa468a6b',
        ((0, 573, 645), (11, 571, 647), (22, 577, 660), (33, 573, 676), (44, 569, 692),
         (55, 558, 693), (66, 548, 681), (77, 531, 683), (88, 511, 685), (99, 494, 693)),
        ((0, 174, 950), (22, 180, 951), (33, 195, 956), (44, 151, 977), (55, 155, 935),
         (77, 156, 947), (88, 166, 953), (99, 196, 946)),
        ((0, 796, 618), (99, 796, 617))),
    'two, one before the other': _multi_person(
        'cam03', 'd3daf48cdf9f5603868ddb99166ddaf9b12279e7ce968922926560d5fd3f0c99',
        ((0, 664, 747), (11, 612, 741), (22, 548, 747), (33, 516, 750), (40, 493, 730),
         (48, 480, 713), (56, 455, 705), (62, 460, 681), (70, 451, 672), (78, 440, 674),
         (84, 414, 672), (92, 400, 672), (97, 381, 668)),
        ((0, 264, 690), (22, 263, 691), (33, 253, 699), (44, 276, 706), (55, 288, 685),
         (66, 296, 691), (77, 284, 685), (88, 283, 692), (99, 259, 692))),
    'the same, from the back': _multi_person(
        'cam04', '1490149dc40e7301fa5ceae23862b044ba5c398a8b2a40df21ed894702728c09',
        ((0, 338, 833), (11, 350, 808), (22, 361, 795), (33, 378, 795), (44, 385, 792),
         (55, 396, 774), (66, 419, 739), (77, 439, 716), (88, 465, 682), (99, 484, 661)),
        ((0, 752, 594), (22, 750, 592), (33, 741, 599), (44, 760, 604), (55, 767, 584),
         (77, 766, 585), (88, 765, 593), (99, 742, 599))),
}
