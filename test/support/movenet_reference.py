# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Results of the released TensorFlow.js graphs of MoveNet on test/data/balancing.jpg.

They were computed in float32 from the same 8-bit input as in the tests.
"""

import numpy as np

REGION = np.array([199.5, 289.5, 320.0, 0.0])  # u, v, side in px, angle

# u, v in px of the 256 px crop, and score
THUNDER = np.array((
    (151.88, 47.56, 0.481), (157.11, 43.68, 0.641), (149.54, 42.51, 0.742),
    (163.71, 42.44, 0.734), (147.95, 39.58, 0.723), (173.25, 69.74, 0.736),
    (132.16, 52.48, 0.871), (178.84, 104.68, 0.822), (104.85, 66.46, 0.953),
    (182.82, 138.75, 0.805), (76.43, 69.08, 0.761), (141.32, 126.97, 0.768),
    (116.93, 123.24, 0.900), (127.57, 177.97, 0.886), (108.24, 173.78, 0.887),
    (138.20, 216.76, 0.821), (129.85, 193.28, 0.748)))

# u, v in px of the image shrunk to a longer side of 512 px, and score, of the first person
MULTIPOSE = np.array((
    (167.20, 137.29, 0.527), (171.47, 131.43, 0.563), (164.91, 130.53, 0.495),
    (174.98, 133.08, 0.512), (159.06, 130.16, 0.620), (181.96, 153.44, 0.752),
    (144.58, 139.42, 0.771), (188.31, 182.12, 0.551), (119.55, 151.78, 0.831),
    (191.32, 216.29, 0.270), (94.65, 154.70, 0.811), (153.06, 203.78, 0.847),
    (132.47, 199.48, 0.916), (143.12, 248.66, 0.743), (122.74, 244.11, 0.857),
    (150.48, 283.89, 0.772), (138.46, 258.25, 0.519)))
MULTIPOSE_SCORES = np.array((0.6622, 0.4833))
