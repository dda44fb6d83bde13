"""The build backend: maturin, with two settings of our own.

    pip install . --config-settings cuda=1
    pip install . --config-settings profile=dev

``cuda=1``, or ``ZKILN_BUILD_CUDA=1`` in the environment, adds NVIDIA's compiler to what pip installs for the
build, so that the package has kernels for GPUs although the machine has no CUDA. ``profile`` is the profile
of cargo; by default it is ``release``.
"""

from __future__ import annotations

import os
from typing import Any

import maturin
from maturin import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

# All of one toolkit: nvidia-cuda-nvcc names the others without their versions.
COMPILER = [
    "nvidia-cuda-nvcc==13.0.88",
    "nvidia-cuda-crt==13.0.88",
    "nvidia-nvvm==13.0.88",
    "nvidia-cuda-runtime==13.0.96",
]

Settings = dict[str, Any] | None


def _wants_cuda(settings: Settings) -> bool:
    value = (settings or {}).get("cuda", os.environ.get("ZKILN_BUILD_CUDA", ""))
    return str(value).lower() not in ("", "0", "false", "no", "off")


def _for_maturin(settings: Settings) -> Settings:
    """The settings with ours in maturin's words."""
    settings = dict(settings or {})
    settings.pop("cuda", None)
    profile = settings.pop("profile", None)
    if profile is not None:
        settings["build-args"] = f"{settings.get('build-args', '')} --profile={profile}".strip()
    return settings


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    requires: list[str] = maturin.get_requires_for_build_wheel(config_settings)
    return requires + (COMPILER if _wants_cuda(config_settings) else [])


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    return maturin.build_wheel(wheel_directory, _for_maturin(config_settings), metadata_directory)


get_requires_for_build_editable = get_requires_for_build_wheel
prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    return maturin.build_editable(wheel_directory, _for_maturin(config_settings), metadata_directory)
