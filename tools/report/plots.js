// Draws the report from the JSON in the page.
"use strict";
(() => {
  const { make, percent, decimal, section, table, plot, details } = drawing;
  const data = JSON.parse(document.getElementById("data").textContent);
  const metrics = data.metrics;

  document.getElementById("about").textContent =
    `${data.model}, version ${data.model_version}, ${data.tier} tier, on ${data.data}: ${metrics.n} rows of its categories, ${metrics.n_open_set} of none.`;

  const headline = section("Headline figures", "With 95 % bootstrap intervals.", true);
  const tiles = make("dl", undefined, headline, { class: "tiles" });
  const tile = (name, value, interval, show) => {
    const box = make("div", undefined, tiles);
    make("dt", name, box);
    const figure = make("dd", show(value), box);
    if (interval) make("small", `${show(interval[0])} to ${show(interval[1])}`, figure);
  };
  const open = metrics.open_set;
  const intervals = data.intervals;
  tile("Accuracy", metrics.accuracy, intervals.accuracy, percent);
  tile("Macro F1", metrics.macro_f1, intervals.macro_f1, decimal);
  tile("Selected: right", metrics.auto_select.precision, intervals.auto_precision, percent);
  tile("Selected: share", metrics.auto_select.coverage, intervals.auto_coverage, percent);
  tile("Calibration error", metrics.ece, intervals.ece, decimal);
  tile("Open-set AUROC", open ? open.auroc : null, intervals.auroc, decimal);

  const { labels, matrix, unanswered } = metrics.confusion;
  const confusion = section("Confusion matrix", "Rows: the truth. Columns: the answer.", true);
  const grid = table(confusion, "Confusion matrix", ["truth \\ answer", ...labels, "none"], matrix.map((row, i) => [labels[i], ...row, unanswered[i]]));
  grid.querySelectorAll("tbody tr").forEach((row, i) => {
    const total = Math.max(1, matrix[i].reduce((a, b) => a + b, unanswered[i]));
    row.querySelectorAll("td").forEach((cell, j) => {
      cell.style.background = `rgb(var(--heat) / ${(0.45 * Number(cell.textContent)) / total})`;
      if (i === j) cell.style.fontWeight = "700";
    });
  });
  const classes = section("Categories", "Precision, recall and F1 of each.", true);
  table(classes, "Figures of each category", ["Category", "Precision", "Recall", "F1", "Rows"],
    Object.entries(metrics.per_class).map(([name, c]) => [name, decimal(c.precision), decimal(c.recall), decimal(c.f1), c.support]));

  const unit = [0, 1];
  const { reliability, coverage, roc } = data.curves;
  if (reliability.length > 0) {
    const box = section("Reliability", "How often an answer of a given confidence is right.");
    plot(box, "Reliability diagram", "confidence", "right", [
      { name: "measured, 15 bins", colour: "--one", points: reliability.map((b) => [b.confidence, b.accuracy]), dots: true },
      { name: "perfectly calibrated", colour: "--soft", points: [[0, 0], [1, 1]], dash: [6, 6] },
    ], unit, unit);
    table(details(box), "Reliability bins", ["Confidence", "Right", "Rows"], reliability.map((b) => [decimal(b.confidence), decimal(b.accuracy), b.n]));
  }
  if (coverage.length > 0) {
    const box = section("Precision at coverage", "What selecting only the surest answers would give.");
    plot(box, "Precision at coverage", "share selected", "right of those", [
      { name: "every threshold", colour: "--one", points: coverage.map((p) => [p.coverage, p.precision]) },
    ], unit);
    table(details(box), "Coverage and precision", ["Threshold", "Coverage", "Precision"], coverage.map((p) => [decimal(p.threshold), decimal(p.coverage), decimal(p.precision)]));
  }
  if (roc.length > 0) {
    const box = section("Open set", "Tasks of no category found, against false alarms.");
    plot(box, "ROC of open-set detection", "false alarms", "found", [
      { name: `novelty, AUROC ${decimal(open.auroc)}`, colour: "--one", points: roc.map((p) => [p.false_alarms, p.detected]) },
      { name: "chance", colour: "--soft", points: [[0, 0], [1, 1]], dash: [6, 6] },
    ], unit, unit);
    table(details(box), "ROC points", ["False alarms", "Found"], roc.map((p) => [decimal(p.false_alarms), decimal(p.detected)]));
  }
  if (data.as_typed) {
    const { accuracy, changes } = data.as_typed;
    const box = section("As typed", "Accuracy when only a part of the letters is there.");
    const tones = { instant: "--two", full: "--one" };
    plot(box, "Accuracy as typed", "% of the letters", "accuracy", Object.entries(accuracy).map(([tier, values]) => ({
      name: `${tier} tier`, colour: tones[tier], points: Object.entries(values).map(([x, y]) => [Number(x), y]), dots: true,
    })), [20, 105], unit);
    table(details(box), "Accuracy as typed", ["Tier", "25 %", "50 %", "75 %", "100 %"], Object.entries(accuracy).map(([tier, v]) => [tier, ...["25", "50", "75", "100"].map((p) => percent(v[p]))]));
    for (const [tier, mean] of Object.entries(changes)) make("p", `${tier}: the selected category changes ${mean.selected.toFixed(2)} times a title.`, box);
  }
  if (data.learning_curve?.length > 0) {
    const box = section("Learning curve", "Loss after each epoch of the validation run.");
    const line = (name) => data.learning_curve.map((e) => [e.epoch, e[name]]);
    plot(box, "Learning curve", "epoch", "loss", [
      { name: "training", colour: "--two", points: line("train_loss") },
      { name: "validation", colour: "--one", points: line("validation_loss") },
    ]);
    table(details(box), "Learning curve", ["Epoch", "Training loss", "Validation loss", "Validation accuracy"], data.learning_curve.map((e) => [e.epoch, decimal(e.train_loss), decimal(e.validation_loss), percent(e.validation_accuracy)]));
  }
})();
