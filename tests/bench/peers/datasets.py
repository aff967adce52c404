"""The rows every peer trains and is measured on: {"text", "label"}.

  clinc150     15,000 training texts of 150 intents; 4,500 test texts, all in scope
  banking77    10,003 and 3,080 texts of 77 intents
  dev          trained on the project's own five categories (data/training_data.json), measured on the
               development titles of those five; their labels choose nothing here

and, few-shot, clinc150/5, clinc150/10, banking77/5, banking77/10: 5 or 10 texts an intent, same tests.
"""

import csv
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
FULL = ("clinc150", "banking77", "dev")
FEW_SHOT = ("clinc150/5", "clinc150/10", "banking77/5", "banking77/10")


def csv_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return [{"text": row["text"], "label": row["category"]} for row in csv.DictReader(file)]


def clinc150(folder, member):
    document = json.loads((folder / "clinc150_data_full.json").read_text(encoding="utf-8"))
    return [{"text": text, "label": label} for text, label in document[member]]


def task_rows(rows, label):
    """Title and description joined as the core joins them."""
    out = []
    for row in rows:
        parts = (row["title"].strip(), (row.get("description") or "").strip())
        out.append({**row, "text": "\n".join(part for part in parts if part),
                    "label": row[label]})
    return out


def development_titles(folder):
    own = json.loads((ROOT / "data/training_data.json").read_text(encoding="utf-8"))["samples"]
    with open(folder / "tasks_real_dev.jsonl", encoding="utf-8") as file:
        titles = [json.loads(line) for line in file if line.strip()]
    return (task_rows(own, "category"),
            [row for row in task_rows(titles, "label") if row["label"] != "None"])


def load(name, folder):
    """(training rows, test rows)"""
    base, _, shots = name.partition("/")
    if base == "dev":
        return development_titles(folder)
    if base == "clinc150":
        train, test = clinc150(folder, "train"), clinc150(folder, "test")
    else:
        train, test = (csv_rows(folder / f"banking77_{part}.csv") for part in ("train", "test"))
    if shots:
        train = csv_rows(folder / "fewshot" / base.upper() / f"train_{shots}.csv")
    return train, test
