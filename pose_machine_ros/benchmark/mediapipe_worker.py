# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MediaPipe Pose in a process and an environment of its own; imports nothing of this package.

Arguments: a model complexity (1 or 2) and an NPY file with images (N, H, W, 3) uint8 RGB. For each
line on the input, the index of an image, it writes a line of JSON: milliseconds of wall time, CPU
seconds of the process so far, and whether somebody was found.
"""

from __future__ import annotations

import json
import sys
import time

from mediapipe import solutions
import numpy as np


def main() -> None:
    """Answer until the input ends."""
    images = np.load(sys.argv[2], allow_pickle=False)
    with solutions.pose.Pose(model_complexity=int(sys.argv[1])) as network:
        print('ready', flush=True)
        for line in sys.stdin:
            start = time.perf_counter()
            found = network.process(images[int(line)])
            ms = 1e3 * (time.perf_counter() - start)
            print(json.dumps([ms, time.process_time(), found.pose_landmarks is not None]),
                  flush=True)


if __name__ == '__main__':
    main()
