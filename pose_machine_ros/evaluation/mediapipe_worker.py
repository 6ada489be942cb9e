# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MediaPipe Pose in a process and an environment of its own; imports nothing of this package.

The argument is a model complexity, 1 or 2. The input is a sequence of images: a line with height
and width, and then the bytes, RGB. For each image it writes a line of JSON: milliseconds of wall
time, CPU seconds of the process so far, world landmarks (33, 3) and landmarks in the image (33, 3)
with their visibility, both null if nobody was found.
"""

from __future__ import annotations

import json
import sys
import time

from mediapipe import solutions
import numpy as np


def main() -> None:
    """Answer until the input ends."""
    with solutions.pose.Pose(model_complexity=int(sys.argv[1])) as network:
        print('ready', flush=True)
        while line := sys.stdin.buffer.readline():
            height, width = map(int, line.split())
            content = sys.stdin.buffer.read(height * width * 3)
            image = np.frombuffer(content, np.uint8).reshape(height, width, 3)
            start = time.perf_counter()
            found = network.process(image)
            ms = 1e3 * (time.perf_counter() - start)
            print(json.dumps([ms, time.process_time(), _rows(found.pose_world_landmarks, 'z'),
                              _rows(found.pose_landmarks, 'visibility')]), flush=True)


def _rows(landmarks: object, last: str) -> list[list[float]] | None:
    return landmarks and [[p.x, p.y, getattr(p, last)] for p in landmarks.landmark]


if __name__ == '__main__':
    main()
