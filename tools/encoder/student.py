"""The sentence transformer in JAX: the first layers of all-MiniLM-L6-v2 with narrower feed-forward
layers, over a token table rounded to four bits. BERT as in Devlin et al. 2018 (arXiv:1810.04805);
mean pooling and L2 normalisation as in Reimers and Gurevych 2019 (arXiv:1908.10084)."""

import jax
import jax.numpy as jnp
import numpy as np

import rounding

HEADS = 12
POSITIONS = 256  # the core cuts a text there
EPSILON = 1e-12
LINEAR = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
          "o": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense"}
NORM = {"norm1": "attention.output.LayerNorm", "norm2": "output.LayerNorm"}


def initial_weights(original, layers, width, probe):
    """`original`: tensors of the six-layer model by name. Returns (frozen tables, trained tree).
    `probe`: (ids, mask) of some texts; they show which feed-forward units matter."""
    position = (original["embeddings.position_embeddings.weight"][:POSITIONS]
                + original["embeddings.token_type_embeddings.weight"][0])
    tables = {
        "token": rounding.dequantize(*rounding.quantize4(
            original["embeddings.word_embeddings.weight"])),
        "position": rounding.dequantize(*rounding.quantize8_rows(position)),
    }
    norm0 = tuple(jnp.asarray(original[f"embeddings.LayerNorm.{part}"])
                  for part in ("weight", "bias"))
    trained = {"norm0": norm0, "layers": []}
    for index in range(layers):
        layer = {}
        for name, module in LINEAR.items():
            prefix = f"encoder.layer.{index}.{module}"
            layer[name] = (jnp.asarray(original[f"{prefix}.weight"].T),
                           jnp.asarray(original[f"{prefix}.bias"]))
        for name, module in NORM.items():
            prefix = f"encoder.layer.{index}.{module}"
            layer[name] = tuple(jnp.asarray(original[f"{prefix}.{part}"])
                                for part in ("weight", "bias"))
        trained["layers"].append(layer)
    for index in range(layers):
        narrow(tables, trained, index, width, *probe)
    return tables, trained


def narrow(tables, trained, index, width, ids, mask):
    """Keeps the `width` feed-forward units that add most to the layer's output on the probe."""
    layer = trained["layers"][index]
    x = hidden_states(tables, {**trained, "layers": trained["layers"][:index]}, ids, mask)
    x = attend(layer, x, mask)
    units = jax.nn.gelu(x @ layer["up"][0] + layer["up"][1], approximate=False)
    strength = jnp.sqrt((units ** 2 * mask[..., None]).sum((0, 1)))
    strength = np.asarray(strength * jnp.linalg.norm(layer["down"][0], axis=1))
    keep = np.sort(np.argsort(-strength, kind="stable")[:width])
    layer["up"] = (layer["up"][0][:, keep], layer["up"][1][keep])
    layer["down"] = (layer["down"][0][keep], layer["down"][1])


def normalize(x, parameters):
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred ** 2).mean(-1, keepdims=True)
    return centred / jnp.sqrt(variance + EPSILON) * parameters[0] + parameters[1]


def drop(x, rate, key):
    if key is None:
        return x
    return x * jax.random.bernoulli(key, 1 - rate, x.shape) / (1 - rate)


def attend(layer, x, mask, key=None, rate=0.1):
    batch, tokens, size = x.shape

    def split(name):
        y = x @ layer[name][0] + layer[name][1]
        return y.reshape(batch, tokens, HEADS, -1).transpose(0, 2, 1, 3)

    scores = split("q") @ split("k").transpose(0, 1, 3, 2) / np.sqrt(np.float32(size // HEADS))
    scores = jax.nn.softmax(scores + jnp.where(mask[:, None, None, :] > 0, 0.0, -1e9), -1)
    mixed = (scores @ split("v")).transpose(0, 2, 1, 3).reshape(batch, tokens, size)
    return normalize(x + drop(mixed @ layer["o"][0] + layer["o"][1], rate, key), layer["norm1"])


def hidden_states(tables, trained, ids, mask, key=None, rate=0.1):
    x = tables["token"][ids] + tables["position"][: ids.shape[1]]
    x = normalize(x, trained["norm0"])
    for layer in trained["layers"]:
        first, second = (None, None)
        if key is not None:
            key, first, second = jax.random.split(key, 3)
        x = attend(layer, x, mask, first, rate)
        wide = jax.nn.gelu(x @ layer["up"][0] + layer["up"][1], approximate=False)
        wide = drop(wide @ layer["down"][0] + layer["down"][1], rate, second)
        x = normalize(x + wide, layer["norm2"])
    return x


def embed(tables, trained, ids, mask, key=None, rate=0.1):
    """[texts, 384], each of length one."""
    x = hidden_states(tables, trained, ids, mask, key, rate)
    mean = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / jnp.linalg.norm(mean, axis=1, keepdims=True)


def to_tensors(tables, trained):
    """A flat {name: float32 array} for safetensors; `from_tensors` reads it back."""
    tensors = {f"table.{name}": np.asarray(table) for name, table in tables.items()}
    tensors["norm0.weight"], tensors["norm0.bias"] = map(np.asarray, trained["norm0"])
    for index, layer in enumerate(trained["layers"]):
        for name, (weight, bias) in layer.items():
            tensors[f"layer.{index}.{name}.weight"] = np.asarray(weight)
            tensors[f"layer.{index}.{name}.bias"] = np.asarray(bias)
    return tensors
