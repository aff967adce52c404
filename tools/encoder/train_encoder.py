"""Distils all-MiniLM-L6-v2 into a smaller encoder of the same vocabulary and dimension.

Every text's embedding is held to the teacher's (cosine), and linear heads on it classify the texts
that have a label, so that what separates categories survives the shrinking. Takes about an hour on
two cores. The same texts, seed and package versions give the same run on the same kind of processor.

  python tools/encoder/train_encoder.py --public-data FOLDER --out student.safetensors
"""

import argparse
import json
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax
import tokenizers
from safetensors.numpy import load_file, save_file

import corpus
import embedding
import student
import teacher

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_TOKENS = 48
LENGTHS = (8, 12, 16, 20, 24, 32, 48)  # batches are padded to one of these: each compiles once
TASKS = ("own", "clinc", "banking")


def make_batches(lengths, size, rng):
    """Rows of like length together, in random order."""
    order = rng.permutation(len(lengths))
    batches = []
    for start in range(0, len(order), size * 64):
        chunk = order[start:start + size * 64]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        batches += [chunk[i:i + size] for i in range(0, len(chunk) - size + 1, size)]
    return [batches[i] for i in rng.permutation(len(batches))]


def pad(rows, length):
    return embedding.pad(rows, length, np.int32, np.float32)


def make_step(tables, optimizer, options):
    def loss(parameters, ids, mask, target, labels, key):
        embedded = student.embed(tables, parameters["encoder"], ids, mask, key, options.dropout)
        distance = 1 - (embedded * target).sum(1)
        total = options.distillation * distance.mean()
        for index, (weight, bias) in enumerate(parameters["heads"]):
            known = labels[:, index] >= 0
            logits = 10 * embedded @ weight + bias
            wanted = jax.nn.one_hot(labels[:, index], weight.shape[1])
            wanted = 0.95 * wanted + 0.05 / weight.shape[1]
            entropy = -(wanted * jax.nn.log_softmax(logits)).sum(1)
            total += options.labels * jnp.where(known, entropy, 0).sum() / len(known)
        return total, distance.mean()

    @jax.jit
    def step(parameters, state, ids, mask, target, labels, key):
        (value, distance), gradient = jax.value_and_grad(loss, has_aux=True)(
            parameters, ids, mask, target, labels, key)
        updates, state = optimizer.update(gradient, state, parameters)
        return optax.apply_updates(parameters, updates), state, value, distance

    return step


def train(options):
    rng = np.random.default_rng(options.seed)
    texts, classes = corpus.training_texts(options.data, options.public_data, options.seed)
    tokenizer = tokenizers.Tokenizer.from_file(str(options.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokens = [e.ids for e in tokenizer.encode_batch([t.text for t in texts])]
    lengths = np.array([len(t) for t in tokens])
    labels = np.full((len(texts), len(classes)), -1, np.int32)
    for row, text in enumerate(texts):
        if text.task in classes:
            labels[row, TASKS.index(text.task)] = text.label
    print(f"{len(texts)} texts, {int((labels >= 0).sum())} with a label", flush=True)
    targets = teacher.embed(options.teacher, tokens, options.cache)

    original = load_file(options.original)
    probe = pad([tokens[i] for i in rng.permutation(len(tokens))[:256]], MAX_TOKENS)
    tables, trained = student.initial_weights(original, options.layers, options.width, probe)
    tables = {name: jnp.asarray(table) for name, table in tables.items()}
    heads = [(jnp.asarray(rng.normal(0, 0.05, (384, count)).astype(np.float32)), jnp.zeros(count))
             for count in classes.values()]
    parameters = {"encoder": trained, "heads": heads}
    steps = options.epochs * len(make_batches(lengths, options.batch, np.random.default_rng(0)))
    rate = optax.warmup_cosine_decay_schedule(0.0, options.learning_rate, 100, steps, 1e-6)
    kinds = {"encoder": jax.tree.map(lambda _: "encoder", trained),
             "heads": jax.tree.map(lambda _: "heads", heads)}
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.multi_transform(
        {"encoder": optax.adamw(rate, weight_decay=0.01),
         "heads": optax.adamw(lambda s: 10 * rate(s), weight_decay=0.01)}, kinds))
    state = optimizer.init(parameters)
    step = make_step(tables, optimizer, options)

    key = jax.random.PRNGKey(options.seed)
    started, done, recent = time.time(), 0, []
    for epoch in range(options.epochs):
        for rows in make_batches(lengths, options.batch, rng):
            length = next(n for n in LENGTHS if n >= lengths[rows].max())
            ids, mask = pad([tokens[i] for i in rows], length)
            key, use = jax.random.split(key)
            parameters, state, value, distance = step(
                parameters, state, ids, mask, targets[rows], labels[rows], use)
            done += 1
            recent.append((float(value), float(distance)))
            if done % 50 == 0:
                mean = np.mean(recent, axis=0)
                spent = time.time() - started
                print(f"epoch {epoch + 1} step {done}/{steps} loss {mean[0]:.3f} "
                      f"1-cos {mean[1]:.4f} {spent / done:.2f} s/step", flush=True)
                recent = []
            if done % 400 == 0 or done == steps:
                metadata = {"options": json.dumps({k: str(v) for k, v in vars(options).items()
                                                   if not isinstance(v, pathlib.Path)}),
                            "steps": f"{done}/{steps}"}
                temporary = options.out.with_suffix(".part")
                save_file(student.to_tensors(tables, parameters["encoder"]), temporary, metadata)
                temporary.rename(options.out)
            if done == options.stop_after:
                return


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    path = pathlib.Path
    parser.add_argument("--out", type=path, required=True)
    parser.add_argument("--data", type=path, default=ROOT / "data")
    parser.add_argument("--public-data", type=path, help="folder with CLINC150, BANKING77 and Jira titles")
    parser.add_argument("--teacher", type=path, default=ROOT / ".cache/teacher/model.onnx")
    parser.add_argument("--original", type=path, default=ROOT / ".cache/teacher/model.safetensors")
    parser.add_argument("--tokenizer", type=path, default=ROOT / ".cache/reference/tokenizer.json")
    parser.add_argument("--cache", type=path, default=ROOT / ".cache/training")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=1024, help="units of a feed-forward layer")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=3e-4)
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument("--distillation", type=float, default=8.0)
    parser.add_argument("--labels", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stop-after", type=int, default=0, help="steps, for a trial")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
