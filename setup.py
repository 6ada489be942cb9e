# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Package for pip and colcon: `pip install .` installs the same files as `colcon build`."""

from __future__ import annotations

from glob import glob

from setuptools import find_packages, setup

NAME = 'pose_machine_ros'
SHARE = f'share/{NAME}'


def files(folder: str) -> list[str]:
    """Return the files in `folder`, sorted; leaves out what hides and what Python caches."""
    return sorted(path for path in glob(f'{folder}/*') if not path.endswith('__pycache__'))


setup(
    name=NAME,
    version='0.1.0',
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
        # `ros2 run` and `ros2 launch` look for executables here, and pip puts none here.
        (f'lib/{NAME}', files('resource/executables')),
    ],
    zip_safe=False,
    install_requires=[
        'numpy>=1.24,<2.3',  # cv_bridge from PyPI crashes with 2.3 when it makes a message
        'onnx>=1.17',
        'onnxruntime>=1.18',
        'onnxscript>=0.3',  # torch.onnx.export needs it
        'opencv-python-headless>=4.6,<5',  # cv_bridge reads 16-bit images wrongly with 5
        'pyyaml>=6',
        'pillow>=9',  # looks at the head of compressed images
        'psutil>=5.9',
        'rosbags>=0.11,<0.12',  # its writer's interface changed before and may again
        'safetensors>=0.4',
        'scipy>=1.10',
        'torch>=2.6',
        'matplotlib>=3.6',  # tables' pictures and training curves
        'tqdm>=4.60',
    ],
    extras_require={
        'openvino': ['openvino>=2024.6'],  # quicker on some CPUs; docs/tuning.md
        'test': ['hypothesis>=6.100', 'pytest>=8'],
        'view': ['rerun-sdk>=0.34,<0.35'],  # its interface changes from version to version
    },
    entry_points={
        'console_scripts': [
            'pose-machine = pose_machine_ros.cli:main',
            'multi_camera_node = pose_machine_ros.ros.__main__:multi_camera_node',
            'pose_machine_node = pose_machine_ros.ros.__main__:pose_machine_node',
            'recorder = pose_machine_ros.ros.__main__:recorder',
            'video_camera = pose_machine_ros.ros.__main__:video_camera',
        ],
    },
)
