"""Rounding of weights to few bits, symmetric around zero: value = scale * integer."""

import numpy as np


def quantize4(table):
    """Rows to integers -7..7, a scale each, clipped where the squared error is least.
    Returns (int8 [rows, columns], float32 [rows])."""
    largest = np.abs(table).max(axis=1, keepdims=True)
    best = np.full((len(table), 1), np.inf, np.float32)
    scale = largest / 7
    for share in np.linspace(0.4, 1.0, 25, dtype=np.float32):
        tried = np.maximum(largest * share, 1e-12) / 7
        error = ((np.clip(np.rint(table / tried), -7, 7) * tried - table) ** 2).sum(1, keepdims=True)
        scale = np.where(error < best, tried, scale)
        best = np.minimum(error, best)
    codes = np.clip(np.rint(table / np.maximum(scale, 1e-30)), -7, 7).astype(np.int8)
    return codes, scale[:, 0].astype(np.float32)


def dequantize(codes, scale):
    """The rows of either kind."""
    return codes.astype(np.float32) * scale[:, None]


def quantize8_rows(table):
    """Rows to int8, a scale each: (int8 [rows, columns], float32 [rows])."""
    scale = np.maximum(np.abs(table).max(axis=1), 1e-12) / 127
    return np.rint(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def quantize8_columns(weight):
    """Columns (output units) to int8, a scale each: (int8 [inputs, outputs], float32 [outputs])."""
    codes, scale = quantize8_rows(weight.T)
    return np.ascontiguousarray(codes.T), scale
