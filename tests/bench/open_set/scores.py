"""Open-set scores: each says how far a row is from every category; higher is further. None of them
needs an example of what belongs to no category.

  train: embeddings [rows, dimension] of length one, with labels (a number a row)
  rows: embeddings and logits [rows, categories] of the rows to judge
"""

import numpy


def log_sum_exp(logits):
    highest = logits.max(axis=1, keepdims=True)
    return (highest + numpy.log(numpy.exp(logits - highest).sum(axis=1, keepdims=True)))[:, 0]


def softmax_probability(logits):
    """Hendrycks and Gimpel 2017, arXiv:1610.02136."""
    return 1.0 - numpy.exp(logits.max(axis=1) - log_sum_exp(logits))


def highest_logit(logits):
    """Hendrycks et al. 2022, arXiv:1911.11132."""
    return -logits.max(axis=1)


def energy(logits):
    """Liu et al. 2020, arXiv:2010.03759, at temperature 1."""
    return -log_sum_exp(logits)


def neighbours(train, rows, k):
    """Minus the mean cosine to the k nearest training rows (after Sun et al. 2022,
    arXiv:2204.06507, who take the k-th)."""
    scores = []
    for part in numpy.array_split(rows, max(1, len(rows) // 500)):
        cosines = part @ train.T
        scores.append(-numpy.sort(cosines, axis=1)[:, -k:].mean(axis=1))
    return numpy.concatenate(scores)


def class_means(train, labels):
    return numpy.stack([train[labels == label].mean(axis=0) for label in numpy.unique(labels)])


def nearest_mean(train, labels, rows):
    """Minus the cosine to the nearest class mean, seen from the centre of all."""
    means = class_means(train, labels)
    centre = means.mean(axis=0)

    def unit(x):
        return x / numpy.maximum(numpy.linalg.norm(x, axis=1, keepdims=True), 1e-9)

    return -(unit(rows - centre) @ unit(means - centre).T).max(axis=1)


def _whitening(deviations, shrinkage=1e-3):
    covariance = deviations.T @ deviations / len(deviations)
    size = len(covariance)
    covariance += shrinkage * numpy.trace(covariance) / size * numpy.eye(size)
    return numpy.linalg.cholesky(numpy.linalg.inv(covariance))


def mahalanobis(train, labels, rows):
    """Lee et al. 2018, arXiv:1807.03888: squared distance to the nearest class mean under the
    classes' common covariance."""
    means = class_means(train, labels)
    positions = numpy.searchsorted(numpy.unique(labels), labels)
    whitening = _whitening(train - means[positions])
    a = rows @ whitening
    b = means @ whitening
    return ((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T).min(axis=1)


def relative_mahalanobis(train, labels, rows):
    """Ren et al. 2021, arXiv:2106.09022: less the distance to the mean of all rows under the
    covariance of all rows."""
    centre = train.mean(axis=0)
    whitening = _whitening(train - centre)
    return mahalanobis(train, labels, rows) - (((rows - centre) @ whitening) ** 2).sum(axis=1)


def auroc(known, unknown):
    """The probability that an unknown row scores above a known one; ties count half."""
    both = numpy.concatenate([known, unknown])
    values, inverse, counts = numpy.unique(both, return_inverse=True, return_counts=True)
    ranks = (numpy.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    above = ranks[len(known):].sum() - len(unknown) * (len(unknown) + 1) / 2.0
    return above / (len(known) * len(unknown))


def false_positive_rate_95(known, unknown):
    """The share of unknown rows taken for known where 95 % of the known rows are kept."""
    threshold = numpy.sort(known)[int(numpy.ceil(0.95 * len(known))) - 1]
    return float((unknown <= threshold).mean())
