// The peers that live in npm: node node_peers.mjs PEER JOB.json ANSWERS.json
//
// JOB is {train: [{text, label}], test: [text]}; ANSWERS becomes {labels: [label of each test text]}.
// Both libraries run with their own defaults. Their messages go to standard output.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [peer, jobFile, answersFile] = process.argv.slice(2);
const require = createRequire(`${process.env.SMARTSYNCH_PEERS}/package.json`);
const { train, test } = JSON.parse(readFileSync(jobFile, "utf8"));

// The classifiers alone: the package's main file also loads database clients.
function naturalBayes() {
  const { BayesClassifier } = require("natural/lib/natural/classifiers");
  const classifier = new BayesClassifier();
  for (const { text, label } of train) classifier.addDocument(text, label);
  classifier.train();
  return test.map((text) => classifier.classify(text));
}

// NLP.js answers "None" when it is unsure; here its best intent counts, as every peer has to choose.
async function nlpJs() {
  const { dockStart } = require("@nlpjs/basic");
  const settings = {
    nlp: { languages: ["en"], forceNER: false, autoSave: false, autoLoad: false },
  };
  const dock = await dockStart({ settings, use: ["Basic", "LangEn"] });
  const nlp = dock.get("nlp");
  nlp.addLanguage("en");
  for (const { text, label } of train) nlp.addDocument("en", text, label);
  await nlp.train();
  const labels = [];
  for (const text of test) {
    const { classifications } = await nlp.process("en", text);
    labels.push(classifications.find(({ intent }) => intent !== "None")?.intent ?? "");
  }
  return labels;
}

const PEERS = { natural: naturalBayes, nlpjs: nlpJs };
writeFileSync(answersFile, JSON.stringify({ labels: await PEERS[peer]() }));
