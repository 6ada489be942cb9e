# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Package for pip and colcon: `pip install .` installs the same files as `colcon build`.

`ros2 run` and `ros2 launch` look for executables in lib/pose_machine_ros. colcon runs `setup.py
install` or `setup.py develop`, and setup.cfg sends the console scripts there. pip makes a wheel,
whose console scripts always go to bin/; so with pip the executables are the shell scripts in
resource/executables, and bin/ gets the command `pose-machine` alone.
"""

from __future__ import annotations

from glob import glob
import sys

from setuptools import find_packages, setup

NAME = 'pose_machine_ros'
SHARE = f'share/{NAME}'
EXECUTABLES = ('fusion_node', 'multi_camera_node', 'pose_machine_node', 'recorder', 'video_camera')
IS_COLCON = not {'install', 'develop'}.isdisjoint(sys.argv)


def files(folder: str) -> list[str]:
    """Return the files in `folder`, sorted, without hidden files and Python's caches."""
    return sorted(path for path in glob(f'{folder}/*') if not path.endswith('__pycache__'))


def console_scripts() -> list[str]:
    """Return the entry points of the console scripts."""
    executables = [f'{name} = {NAME}.ros.__main__:{name}' for name in EXECUTABLES]
    return [f'pose-machine = {NAME}.cli:main', *(executables if IS_COLCON else [])]


setup(
    name=NAME,
    version='1.0.0',
    description='3D human skeletons from one ordinary camera: image topic in, joints in metres out',
    author='pose_machine_ros maintainers',
    author_email='maintainers@pose-machine.example',
    license='Apache-2.0',
    license_files=['LICENSE', 'NOTICE'],
    python_requires='>=3.10',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (SHARE, ['package.xml']),
        (f'{SHARE}/config', files('config')),
        (f'{SHARE}/launch', files('launch')),
        (f'{SHARE}/weights', files('resource/weights')),
        *([] if IS_COLCON else [(f'lib/{NAME}', files('resource/executables'))]),
    ],
    zip_safe=False,
    install_requires=[
        'numpy>=1.24,<2.3',  # cv_bridge from PyPI crashes with 2.3 when it makes a message
        'onnx>=1.17',
        'onnxruntime>=1.18',
        'openvino>=2024.6',  # optional at run time; faster on some CPUs, see docs/tuning.md
        'opencv-python-headless>=4.6,<5',  # cv_bridge reads 16-bit images wrongly with 5
        'pyyaml>=6',
        'pillow>=9',  # reads the header of compressed images
        'psutil>=5.9',
        'rosbags>=0.11,<0.12',  # the interface of its writer changes between versions
        'safetensors>=0.4',
        'scipy>=1.10',
        'torch>=2.6',
        'matplotlib>=3.6',  # figures of tables and training curves
        'tqdm>=4.60',
    ],
    extras_require={
        'synthesis': ['anny==0.6.2', 'pyrender>=0.1.45'],  # rendered people for training
        'test': ['hypothesis>=6.100', 'pytest>=8'],
        'view': ['rerun-sdk>=0.34,<0.35'],  # its interface changes between versions
    },
    entry_points={'console_scripts': console_scripts()},
)
