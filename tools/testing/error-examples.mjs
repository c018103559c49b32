import fs from "node:fs";
import path from "node:path";

/** Names the file that a mocha process records its failures in. */
export const recordingVariable = "SAFEGUARD_RECORDED_FAILURES";

/** Set to 1 it lets `npm test -- --all` rewrite the examples that no test produced. */
export const updateVariable = "SAFEGUARD_UPDATE_EXAMPLES";

/**
 * A failure that a test provoked, its line normalized.
 *
 * @typedef {{code: string, line: string}} RecordedFailure
 */

/**
 * Patterns of the parts that differ between runs or machines, with their replacement in examples.
 *
 * @type {[pattern: RegExp, replacement: string][]}
 */
const VARYING = [
  [/(?:\/tmp|\/var\/folders|\/private)\/[^\s:;,)'"]+/g, "/path/to/file"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "2026-01-31T12:00:00Z"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "12345678-90ab-4cde-8f01-234567890abc"],
  [/\b(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\b/g, "12:34:56:…:EF"],
  [/\b[0-9a-f]{64}\b/gi, "123456…ef"],
  [/\b(ssh-ed25519|ssh-rsa|ecdsa-sha2-\S+) AAAA\S+/g, "$1 AAAA…"],
  [/\bwithin \d+(?:\.\d+)? s\b/g, "within 120 s"],
  [/\b\d+ s remain\b/g, "180 s remain"],
  [/\bwait \d+ s\b/g, "wait 180 s"],
  [/\b00155D[0-9A-F]{6}\b/g, "00155D010203"],
  [/\bcommit\.[0-9a-f]{12}\b/g, "commit.0123456789ab"],
  [/\b(\d+\.\d+\.\d+\.\d+):\d{4,5}\b/g, "$1:22"],
];

/** Matches messages about a real appliance or router; tests of a single function often use other objects. */
const REAL_OBJECT = /^(?:sps|spp|router|jump host) \d+\.\d+\.\d+\.\d+(?::\d+)?: |^(?:sps|spp)\.\w+: /;

/**
 * A message without the parts that differ between runs.
 *
 * @param {string} line
 */
export function normalized(line) {
  /** @type {string[]} */
  const seen = [];
  // Addresses of the lab, numbered so that different ones stay different.
  const addressed = line.replace(/\b127\.\d+\.\d+\.\d+\b/g, (address) => {
    if (!seen.includes(address)) seen.push(address);
    return `10.0.0.${seen.indexOf(address) + 1}`;
  });
  return VARYING.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), addressed);
}

/**
 * The failures that the mocha processes of a run recorded.
 *
 * @param {string[]} files one for each process; one that is missing counts as empty
 * @returns {RecordedFailure[]}
 */
function recordedFailures(files) {
  return files
    .flatMap((file) => (fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n") : []))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/**
 * Compares the committed examples with the failures of a run; with SAFEGUARD_UPDATE_EXAMPLES=1 rewrites outdated ones.
 *
 * @param {string} root
 * @param {{isComplete: boolean, recordings: string[]}} run
 * @returns {string[]} the problems of the examples; empty after an incomplete run
 */
export function checkExamples(root, { isComplete, recordings }) {
  const isUpdate = process.env[updateVariable] === "1";
  if (!isComplete && !isUpdate) return [];
  const file = examplesFile(root);
  const codes = catalogueCodes(root);
  const recorded = recordedFailures(recordings);
  const examples = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
  const current = isUpdate ? updatedExamples(examples, codes, recorded) : examples;
  if (isUpdate) fs.writeFileSync(file, `${JSON.stringify(current, undefined, 2)}\n`);
  return isComplete ? exampleProblems(current, codes, recorded) : [];
}

/**
 * Cause and remedy of a message, without figures and texts in parentheses: the request at which a connection breaks, and
 * the duration of a wait, depend on the speed of the run.
 *
 * @param {string} line
 */
function sentence(line) {
  const [_object, _step, ...causeAndRemedy] = line.split(": ");
  return causeAndRemedy
    .join(": ")
    .replace(/\([^()]*\)/g, "()")
    .replace(/\d+/g, "0");
}

/**
 * The problems of the examples in the documentation after a complete run.
 *
 * @param {Record<string, string>} examples the committed message of each code
 * @param {string[]} codes all codes of the catalogue
 * @param {RecordedFailure[]} recorded
 * @returns {string[]}
 */
export function exampleProblems(examples, codes, recorded) {
  const produced = new Set(recorded.map(({ code }) => code));
  const sentences = new Set(recorded.map(({ line }) => sentence(line)));
  const remedy = `run ${updateVariable}=1 npm test -- --all, then npm run docs`;
  return [
    ...codes.filter((code) => !produced.has(code)).map((code) => `${code}: no test provokes this error; add one`),
    ...codes
      .filter((code) => produced.has(code) && !sentences.has(sentence(examples[code] ?? "")))
      .map((code) => `${code}: its example in the documentation differs from the message of the code; ${remedy}`),
    ...Object.keys(examples)
      .filter((code) => !codes.includes(code))
      .map((code) => `${code}: has an example but no entry in the catalogue; ${remedy}`),
  ];
}

/**
 * The examples with a new one for each code whose own was not produced: one with a real object, the shortest of them,
 * the first in the alphabet.
 *
 * @param {Record<string, string>} examples
 * @param {string[]} codes
 * @param {RecordedFailure[]} recorded
 * @returns {Record<string, string>}
 */
export function updatedExamples(examples, codes, recorded) {
  const rank = (/** @type {string} */ line) => (REAL_OBJECT.test(line) ? 0 : 1);
  const entries = [...codes].sort().flatMap((code) => {
    const lines = recorded.filter((failure) => failure.code === code).map(({ line }) => line);
    const committed = examples[code];
    if (committed !== undefined && (lines.length === 0 || lines.map(sentence).includes(sentence(committed))))
      return [[code, committed]];
    const [best] = lines.sort((a, b) => rank(a) - rank(b) || a.length - b.length || (a < b ? -1 : 1));
    return best === undefined ? [] : [[code, best]];
  });
  return Object.fromEntries(entries);
}

/**
 * Every code of the catalogue, read from its sources: this runs without TypeScript.
 *
 * @param {string} root
 * @returns {string[]}
 */
export function catalogueCodes(root) {
  const folder = path.join(root, "provider", "core", "errors");
  const sources = fs.readdirSync(folder).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return sources
    .flatMap((file) => fs.readFileSync(path.join(folder, file), "utf8").match(/^ {2}SG\d{4}(?=: \{)/gm) ?? [])
    .map((code) => code.trim());
}

/**
 * The file of the committed examples, which the documentation is generated from.
 *
 * @param {string} root
 */
function examplesFile(root) {
  return path.join(root, "tools", "docs", "error-examples.json");
}
