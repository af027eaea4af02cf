"""Bits of weights."""

from __future__ import annotations

from leadline._load import torch_half

__all__ = ["FlippedBit"]

FlippedBit = torch_half().FlippedBit
