"""The texts an encoder is trained on: the project's own samples and, where the folder of public data
is given, the training splits of CLINC150 and BANKING77 and unlabelled Jira titles."""

import csv
import dataclasses
import json
import random
import zlib

OWN_FILES = ("training_data.json", "open_set/private_life.json",
             "open_set/office_and_organisations.json")


@dataclasses.dataclass(frozen=True)
class Text:
    text: str
    task: str  # "own", "clinc", "banking", or "" for a text without a label
    label: int = -1  # index within the task; -1: none


def is_held_out(row):
    """A fifth of the project's own samples: the encoder never sees their labels, so calibration and
    thresholds can be fitted on them honestly."""
    return row.get("split") == "calibration"


def task_text(row):
    """Title and description joined as the core joins them."""
    return "\n".join(part for part in (row["title"].strip(), row.get("description", "").strip())
                     if part)


def own_texts(data):
    rows = [row for name in OWN_FILES
            for row in json.loads((data / name).read_text(encoding="utf-8"))["samples"]]
    names = sorted({row["category"] for row in rows})
    return [Text(task_text(row), "own",
                 -1 if is_held_out(row) else names.index(row["category"]))
            for row in rows], len(names)


def is_held_out_public(text):
    """The same for the public sets, whose rows carry no mark: a fifth by a hash of the text."""
    return zlib.crc32(text.encode()) % 5 == 0


def clinc150_rows(folder):
    """[(text, intent)] of the training split, its out-of-scope rows left out."""
    document = json.loads((folder / "clinc150_data_full.json").read_text(encoding="utf-8"))
    return [(text, label) for text, label in document["train"]]


def banking77_rows(folder):
    with open(folder / "banking77_train.csv", encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


PUBLIC_SETS = {"clinc150": clinc150_rows, "banking77": banking77_rows}


def labelled_texts(rows, task):
    names = sorted({label for _, label in rows})
    return [Text(text, task, -1 if is_held_out_public(text) else names.index(label))
            for text, label in rows], len(names)


def public_texts(folder):
    """([Text], classes of CLINC150, classes of BANKING77)"""
    clinc, intents = labelled_texts(clinc150_rows(folder), "clinc")
    banking, topics = labelled_texts(banking77_rows(folder), "banking")
    with open(folder / "jira_titles_unlabelled.csv", encoding="utf-8", newline="") as file:
        titles = [Text(row["title"], "") for row in csv.DictReader(file)]
    return clinc + banking + titles, intents, topics


def as_typed(text, rng):
    """The text as somebody in a hurry types it, or has typed it so far."""
    words = text.split(" ")
    kind = rng.random()
    if kind < 0.35 and len(text) > 8:
        return text[:rng.randint(4, len(text) - 1)]
    if kind < 0.55:
        return text.lower()
    if kind < 0.8 and len(words) > 2:
        del words[rng.randrange(len(words))]
        return " ".join(words)
    letters = list(text.lower())
    for _ in range(max(1, len(letters) // 20)):
        at = rng.randrange(len(letters))
        letters[at] = rng.choice(("", letters[at] * 2, rng.choice("etaoinsrhl")))
    return "".join(letters)


def recombined(texts, count, rng):
    """New word sequences out of two texts' halves: they widen what the encoder is held to."""
    made = []
    for _ in range(count):
        a, b = (rng.choice(texts).text.split(" ") for _ in range(2))
        made.append(Text(" ".join(a[:rng.randint(1, len(a))] + b[rng.randrange(len(b)):]), ""))
    return made


def training_texts(data, public, seed, copies=3, recombinations=20000):
    """Every text once more as typed, own ones `copies` times as often as the others.
    Returns (texts, {task: classes})."""
    rng = random.Random(seed)
    own, own_classes = own_texts(data)
    classes = {"own": own_classes}
    others = []
    if public:
        others, classes["clinc"], classes["banking"] = public_texts(public)
    mixed = recombined(own + others, recombinations, rng)
    texts = []
    for text in own + others:
        typed = [dataclasses.replace(text, text=as_typed(text.text, rng))
                 for _ in range(copies - 1 if text.task == "own" else 1)]
        texts += [text] + [t for t in typed if t.text.strip()]
    return texts + mixed, classes
