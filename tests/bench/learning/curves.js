// Draws what report.py --page measured of learning.
/* global document, drawing */
"use strict";
(() => {
  const { percent, section, table, plot, details } = drawing;
  const { promises, stream } = JSON.parse(document.getElementById("data").textContent);
  document.getElementById("about").textContent =
    `CLINC150's intents as a user's own categories: ${stream.events} events in ${stream.cumulative_accuracy_by_order.length} orders, answers to texts never taught.`;

  const list = table(section("What is promised", "", true), "Promises", ["Promise", "Measured", "Wanted", "Kept"], promises);
  list.parentElement.style.maxHeight = "none";

  const methods = [
    ["personal", "SmartSynch", "--one"],
    ["personal_instant", "SmartSynch, instant tier", "--one", [2, 4]],
    ["retrained_from_scratch", "regression retrained from scratch", "--soft"],
    ["nearest_mean", "nearest class mean", "--soft", [6, 6]],
    ["nearest_neighbours", "5 nearest neighbours", "--two"],
  ];
  const box = section("Categories arriving", "20 categories, then 50, then 150; after every 150 events.", true);
  plot(box, "Accuracy over the events", "events", "accuracy", methods.map(([key, name, colour, dash]) => ({
    name, colour, dash, dots: true, points: stream.curve.map((point) => [point.events, point[key]]),
  })), undefined, [0, 1]);
  table(details(box), "Accuracy over the events", ["Events", "Categories", ...methods.map(([, name]) => name)],
    stream.curve.map((point) => [point.events, Math.round(point.intents), ...methods.map(([key]) => percent(point[key]))]));
})();
