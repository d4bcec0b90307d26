// Turns TAP into a verdict: `tap … | node scripts/tap-summary.mjs [--failed N] [file …]`, last line `N passed, N failed`.
//
// N counts tests: files and subtests that assert something of their own (not the single asserts, which only say how
// talkative a test is, nor the subtests that merely group others). Beyond those, each of these is one failure:
// a subtest that asserts nothing · a skip or todo without a reason · a result that is not ok though all inside it
// passed (crash, exit code, time-out, broken plan) · a bail-out · a named file that gave no result · no test at all.
// `--failed N` adds failures found before the tests ran (lint, imports, generated code).
import { parseArgs } from 'node:util';
import { Parser } from 'tap-parser';

const { values, positionals: expected } = parseArgs({
  options: { failed: { type: 'string', default: '0' } },
  allowPositionals: true,
});

const tally = { passed: 0, failed: 0, skipped: 0 };
const complaints = [];
const seen = new Set();

const root = new Parser();
const rootNode = watch(root, []);
process.stdin.pipe(root);
await new Promise((resolve) => root.on('complete', resolve));
conclude();

/** Follows one parser and, as they appear, its children; returns what it has seen so far. */
function watch(parser, path) {
  const node = { parser, path, own: 0, ownFailed: 0, children: 0, failedInside: 0, skippedInside: 0, open: null };
  parser.on('child', (child) => {
    node.children++;
    node.open = watch(child, [...path, child.name]);
  });
  parser.on('bailout', (reason) => {
    if (path.length === 0) fail(node, ['bail out', reason]);
  });
  parser.on('assert', (result) => {
    const child = node.open?.parser.name === result.name ? node.open : null;
    if (child !== null) node.open = null;
    if (path.length === 0) seen.add(result.name);
    if (child === null) single(node, result);
    else closed(node, child, result);
    if (path.length === 0 && child !== null) report(child, result);
  });
  return node;
}

/** A result with nothing inside it: an assert, a skipped subtest, or a file that gave no TAP at all. */
function single(node, result) {
  if (result.skip || result.todo) return setAside(node, [...node.path, result.name], result);
  if (node.path.length > 0) {
    node.own++;
    if (!result.ok) node.ownFailed++;
    return;
  }
  // tap's root reports a file's time-out a second time, under its own name
  if (result.diag?.expired && complaints.some(({ path }) => path[0] === result.diag.expired)) return;
  if (result.ok) tally.passed++;
  else fail(node, [result.name], result.diag);
}

/** The result line of a file or subtest whose inside we have followed. */
function closed(parent, child, result) {
  if (result.skip || result.todo) setAside(child, child.path, result);
  else if (child.own > 0) {
    if (child.ownFailed > 0 || (!result.ok && child.failedInside === 0))
      fail(child, child.path, firstFault(child) ?? result.diag);
    else tally.passed++;
  } else if (!result.ok && child.failedInside === 0) fail(child, child.path, result.diag);
  else if (result.ok && child.children === 0 && child.skippedInside === 0) {
    fail(child, child.path, 'asserts nothing (where another library asserts, end with t.pass())');
  }
  parent.failedInside += child.failedInside;
  parent.skippedInside += child.skippedInside;
}

function setAside(node, path, { skip, todo, name }) {
  const reason = [skip, todo].find((said) => typeof said === 'string' && said.trim() !== '');
  if (reason === undefined || reason === 'no tests found') {
    fail(node, path, reason ?? `${name}: skipped without a reason`);
    return;
  }
  tally.skipped++;
  node.skippedInside++;
  console.log(`skipped  ${path.join(' > ')}: ${reason}`);
}

function fail(node, path, detail) {
  tally.failed++;
  node.failedInside++;
  complaints.push({ path, detail });
}

function firstFault(node) {
  const fault = node.parser.failures.find((result) => !result.ok && !result.todo && !result.skip);
  return fault && { failed: fault.name, ...fault.diag };
}

function report(file, result) {
  const verdict = file.failedInside > 0 || !result.ok ? 'FAILED ' : 'ok     ';
  console.log(`${verdict}  ${result.name}${result.time ? `  ${Math.round(result.time)} ms` : ''}`);
}

function conclude() {
  for (const file of expected) if (!seen.has(file)) fail(rootNode, [file], 'gave no result');
  if (tally.passed + tally.failed === 0) fail(rootNode, ['no test was executed']);
  else if (!root.ok && tally.failed === 0) fail(rootNode, ['the TAP stream is broken'], root.failures);
  for (const { path, detail } of complaints) {
    console.log(`\nfailed: ${path.join(' > ')}`);
    if (detail) console.log(indent(typeof detail === 'string' ? detail : readable(detail)));
  }
  const failed = tally.failed + Number(values.failed);
  const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : '';
  process.exitCode = failed > 0 ? 1 : 0;
  console.log(`\n${tally.passed} passed, ${failed} failed${skipped}`);
}

function readable(detail) {
  return Object.entries(detail)
    .map(([key, value]) => (typeof value === 'string' ? `${key}: ${value.trim()}` : `${key}: ${JSON.stringify(value)}`))
    .join('\n');
}

function indent(text) {
  return text.replace(/^/gm, '    ');
}
