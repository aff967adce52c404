"""Embeddings of the teacher, kept in a cache folder by the hash of what they were made from."""

import hashlib
import sys

import numpy as np
import onnxruntime

import embedding


def embed(graph, tokens, cache):
    """`tokens`: ids of each text. Returns float32 [texts, 384], mean-pooled and L2-normalised."""
    digest = hashlib.sha256(graph.read_bytes())
    for row in tokens:
        digest.update(np.asarray([len(row), *row], np.int32).tobytes())
    kept = cache / f"teacher-{digest.hexdigest()[:16]}.npy"
    if kept.exists():
        return np.load(kept)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])

    def report(done):
        if done % (embedding.BATCH * 100) == 0:
            print(f"teacher {done}/{len(tokens)}", file=sys.stderr, flush=True)

    out = embedding.embed(session, tokens, report)
    cache.mkdir(parents=True, exist_ok=True)
    np.save(kept, out)
    return out
