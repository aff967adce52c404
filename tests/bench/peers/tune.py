"""Tunes all-MiniLM-L6-v2 for one few-shot set and writes the encoder as a float32 ONNX graph.

Two stages of supervised contrastive learning (Khosla et al. 2020, arXiv:2004.11362; on sentence
transformers as in SetFit, Tunstall et al. 2022, arXiv:2209.11055): first on the other public set's
training split and the project's own titles, then on the 5 or 10 texts an intent of the set itself,
half of them as typed. No other labelled text of the set is read. The settings are fixed, not chosen
on any row of it.

  python tests/bench/peers/tune.py --set banking77/10 --out tuned.onnx

Needs what tools/encoder/training.lock names, and SMARTSYNCH_EXTRA_DATA.
"""

import argparse
import os
import pathlib
import random
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
from safetensors.numpy import load_file

import datasets
import encoders

sys.path.insert(0, str(encoders.ROOT / "tools/encoder"))
import corpus  # noqa: E402
import embedding  # noqa: E402
import onnx_graph  # noqa: E402
import student  # noqa: E402

OTHER = {"clinc150": "banking77", "banking77": "clinc150"}
LENGTHS = (12, 20, 32)
TEMPERATURE = 0.07
CLASSES, TEXTS = 32, 2  # of a batch


def by_label(rows):
    groups = {}
    for row in rows:
        groups.setdefault(row["label"], []).append(row["text"])
    return list(groups.values())


def draw(groups, rng):
    """Texts and class numbers of one batch; every second text as typed."""
    texts, labels = [], []
    for number, group in enumerate(rng.sample(groups, min(CLASSES, len(groups)))):
        for turn, text in enumerate(rng.sample(group, min(TEXTS, len(group)))):
            texts.append(corpus.as_typed(text, rng) if turn % 2 and rng.random() < 0.5 else text)
            labels.append(number)
    return texts, np.array(labels)


def contrastive_loss(embedded, labels):
    similar = embedded @ embedded.T / TEMPERATURE
    itself = jnp.eye(len(labels), dtype=bool)
    similar = jnp.where(itself, -1e9, similar)
    positive = (labels[:, None] == labels[None, :]) & ~itself
    log_share = jax.nn.log_softmax(similar, axis=1)
    counted = jnp.maximum(positive.sum(1), 1)
    return -(jnp.where(positive, log_share, 0).sum(1) / counted).mean()


def original_weights():
    original = load_file(encoders.ROOT / ".cache/teacher/model.safetensors")
    probe = embedding.pad([[101, 102]], 12, np.int32, np.float32)
    units = original["encoder.layer.0.intermediate.dense.bias"].shape[0]
    _, trained = student.initial_weights(original, encoders.LAYERS, units, probe)
    named = encoders.student_names(original)
    return {name: jnp.asarray(named[f"table.{name}"]) for name in ("token", "position")}, trained


def tune(tables, trained, kinds, steps, rate, rng, what):
    """`kinds`: one list of groups a task; the batches take turns among them."""
    schedule = optax.warmup_cosine_decay_schedule(0.0, rate, max(1, steps // 10), steps)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule))
    state = optimizer.init(trained)

    @jax.jit
    def step(trained, state, ids, mask, labels, key):
        def loss(trained):
            return contrastive_loss(student.embed(tables, trained, ids, mask, key, 0.1), labels)

        value, gradient = jax.value_and_grad(loss)(trained)
        updates, state = optimizer.update(gradient, state, trained)
        return optax.apply_updates(trained, updates), state, value

    key = jax.random.PRNGKey(rng.randrange(2 ** 31))
    started, recent = time.time(), []
    for done in range(steps):
        texts, labels = draw(kinds[done % len(kinds)], rng)
        tokens = [row[:LENGTHS[-1]] for row in encoders.tokenize(texts)]
        length = next(n for n in LENGTHS if n >= max(map(len, tokens)))
        ids, mask = embedding.pad(tokens, length, np.int32, np.float32)
        key, use = jax.random.split(key)
        trained, state, value = step(trained, state, ids, mask, labels, use)
        recent.append(float(value))
        if (done + 1) % 20 == 0:
            spent = (time.time() - started) / (done + 1)
            print(f"{what} step {done + 1}/{steps} loss {np.mean(recent):.3f} {spent:.2f} s/step",
                  file=sys.stderr, flush=True)
            recent = []
    return trained


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--set", choices=datasets.FEW_SHOT, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--first-steps", type=int, default=100)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = pathlib.Path(os.environ["SMARTSYNCH_EXTRA_DATA"])
    rng = random.Random(options.seed)
    tables, trained = original_weights()

    other, _ = datasets.load(OTHER[options.set.partition("/")[0]], folder)
    own, _ = datasets.load("dev", folder)
    own = [row for row in own if not corpus.is_held_out(row)]
    broad = [by_label(other)] * 3 + [by_label(own)]
    trained = tune(tables, trained, broad, options.first_steps, options.learning_rate, rng, "broad")
    few, _ = datasets.load(options.set, folder)
    trained = tune(tables, trained, [by_label(few)], options.steps, options.learning_rate, rng,
                   options.set)
    graph = onnx_graph.build(student.to_tensors(tables, trained), 32, 32)
    part = options.out.with_suffix(".part")
    part.write_bytes(graph.SerializeToString())
    part.rename(options.out)


if __name__ == "__main__":
    main()
