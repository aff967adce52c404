"""Runs a sentence encoder's graph on token ids: mean pooling over the mask, then L2 normalisation."""

import numpy as np

BATCH = 64


def pad(rows, length=None, ids_type=np.int64, mask_type=np.int64):
    """(ids, mask) of [len(rows), length]; `length` is the longest row's unless given."""
    ids = np.zeros((len(rows), length or max(map(len, rows))), ids_type)
    mask = np.zeros(ids.shape, mask_type)
    for index, row in enumerate(rows):
        ids[index, :len(row)] = row
        mask[index, :len(row)] = 1
    return ids, mask


def embed_batch(session, rows):
    ids, mask = pad(rows)
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    names = {i.name for i in session.get_inputs()}
    hidden = session.run(None, {n: v for n, v in feeds.items() if n in names})[0]
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def embed(session, tokens, on_batch=lambda done: None):
    """float32 [texts, dimension]; texts of like length run together."""
    order = np.argsort([len(t) for t in tokens], kind="stable")
    out = None
    for start in range(0, len(order), BATCH):
        rows = order[start:start + BATCH]
        values = embed_batch(session, [tokens[i] for i in rows])
        if out is None:
            out = np.zeros((len(tokens), values.shape[1]), np.float32)
        out[rows] = values
        on_batch(start)
    return out
