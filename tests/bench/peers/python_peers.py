"""The peers that run in Python. Each takes training texts, their labels and test texts, and gives a
label for each test text. Settings are the same for every set; none was chosen on a test split."""

import pathlib
import tempfile

import numpy as np

import encoders


def logistic_regression():
    from sklearn.linear_model import LogisticRegression
    return LogisticRegression(C=10, max_iter=300)


def tfidf(texts, labels, test):
    """Words and pairs of words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = logistic_regression().fit(vectorizer.fit_transform(texts), labels)
    return model.predict(vectorizer.transform(test))


def fasttext(texts, labels, test):
    """Supervised, pairs of words, 100 passes: the best on CLINC150's validation split of four
    settings (with 25 passes: single words, pairs, letters in threes to fives). One thread, so that
    it gives the same answer twice."""
    import fasttext as library
    names = sorted(set(labels))
    clean = lambda text: " ".join(text.lower().split())
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "train.txt"
        path.write_text("".join(f"__label__{names.index(label)} {clean(text)}\n"
                                for text, label in zip(texts, labels)), encoding="utf-8")
        model = library.train_supervised(str(path), epoch=100, lr=0.5, wordNgrams=2, dim=100,
                                         bucket=200000, thread=1, verbose=0)
    # The wrapper's own predict fails with NumPy 2; this is the call underneath it.
    return [names[int(model.f.predict(clean(text) + "\n", 1, 0.0, "strict")[0][1][9:])]
            if clean(text) else names[0] for text in test]


def static(texts, labels, test):
    return logistic_regression().fit(encoders.static(texts), labels).predict(encoders.static(test))


def minilm(texts, labels, test):
    return logistic_regression().fit(encoders.minilm(texts), labels).predict(encoders.minilm(test))


def nearest(count):
    """The `count` most similar training texts vote, as in TensorFlow.js' KNN classifier; a tie goes
    to the label that was added first."""
    def predict(texts, labels, test):
        names = list(dict.fromkeys(labels))
        numbers = np.array([names.index(label) for label in labels])
        similar = encoders.minilm(test) @ encoders.minilm(texts).T
        best = np.argsort(-similar, axis=1, kind="stable")[:, :count]
        votes = [np.bincount(numbers[row], minlength=len(names)) for row in best]
        return [names[int(np.argmax(vote))] for vote in votes]

    return predict


PEERS = {
    "tf-idf + logistic regression": tfidf,
    "fastText": fasttext,
    "static table of MiniLM (Model2Vec's way) + logistic regression": static,
    "frozen MiniLM, 3 nearest neighbours (TensorFlow.js' way)": nearest(3),
    "frozen MiniLM, 10 nearest neighbours": nearest(10),
    "frozen MiniLM + logistic regression": minilm,
}
