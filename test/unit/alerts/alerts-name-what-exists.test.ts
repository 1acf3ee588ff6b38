import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCode, OWNERS } from '../../../domain/codes';
import { EVERY_REFUSAL } from '../../../ledger/signer-errors';
import { type Expr, parsePromql, partsOf } from './promql';
import { alertRules, dashboard, everyMetric } from './rules';

const { registries } = everyMetric();
const metricNamed = (name: string) =>
  registries.flatMap((registry) => registry.getSingleMetric(name) ?? []).at(0);
const HISTOGRAM_PART = /_(bucket|sum|count)$/;

/** Labels of a metric; `null`: there's no such metric. */
function labelsOf(name: string): readonly string[] | null {
  // Prometheus's own word of whether a target answered.
  if (name === 'up') return [];
  const own = metricNamed(name) ?? metricNamed(name.replace(HISTOGRAM_PART, ''));
  if (own === undefined) return null;
  const { labelNames } = own as unknown as { labelNames: readonly string[] };
  return name.endsWith('_bucket') ? [...labelNames, 'le'] : labelNames;
}
/** What Prometheus adds to whatever it scrapes. */
const OF_TARGETS = ['instance', 'job'];

const rules = alertRules();
const { panels } = dashboard();
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

const metricsIn = (expr: Expr) => partsOf(expr).flatMap((part) => (part.kind === 'metric' ? [part] : []));

test('there are alerts and panels to judge', () => {
  expect(rules.length).toBeGreaterThan(15);
  expect(panels.length).toBeGreaterThan(10);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});

test('every metric of ours has its panel', async () => {
  const drawn = new Set(
    panels
      .flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(parsePromql(expr))))
      .map(({ name }) => name.replace(HISTOGRAM_PART, '')),
  );
  const all = registries.flatMap((registry) => registry.getMetricsAsArray().map(({ name }) => name));
  const ours = all.filter((name) => name.startsWith('smsk_'));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter((name) => !drawn.has(name))).toEqual([]);
});

test.each(expressions)('%s: every metric and label is one of ours', (_, text) => {
  const expr = parsePromql(text);
  const metrics = metricsIn(expr);
  expect(metrics.length).toBeGreaterThan(0);
  for (const { name, matchers } of metrics) {
    const labels = labelsOf(name);
    if (labels === null) throw new Error(`there is no metric ${name}`);
    const allowed = [...labels, ...OF_TARGETS];
    for (const { label } of matchers) expect(allowed).toContain(label);
  }
  for (const part of partsOf(expr)) {
    const named = part.kind === 'aggregate' ? part.by : part.kind === 'and' ? (part.on ?? []) : [];
    const inside = part.kind === 'aggregate' ? metricsIn(part.of) : metricsIn(part);
    for (const { name } of inside)
      for (const label of named) expect([...(labelsOf(name) ?? []), ...OF_TARGETS]).toContain(label);
  }
});

test.each(expressions)('%s: every code and owner that it names exists', (_, text) => {
  for (const { name, matchers } of metricsIn(parsePromql(text)))
    for (const { label, value } of matchers) {
      const values = value.split('|');
      const isKnown = (code: string) =>
        name === 'smsk_signer_refusals_total' ? EVERY_REFUSAL.includes(code) : code === 'OK' || isCode(code);
      if (label === 'code') for (const each of values) expect([each, isKnown(each)]).toEqual([each, true]);
      if (label === 'owner') for (const each of values) expect([...OWNERS, 'unknown']).toContain(each);
    }
});

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test.each(rules.map(({ alert, annotations }) => [alert, annotations] as const))(
  '%s: the runbook has its page, and the words name labels that the alert has',
  (alert, { runbook, summary }) => {
    const [file = '', anchor] = runbook.split('#');
    expect(file).toMatch(/^docs\/RUNBOOK_[A-Z]+\.md$/);
    const page = readFileSync(join(__dirname, '../../..', file), 'utf8');
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
    expect(headings.map(anchorOf)).toContain(anchor);
    const [, section = ''] = page.split(
      new RegExp(`^#+ ${headings.find((each) => anchorOf(each) === anchor)}$`, 'm'),
    );
    expect(section.split(/^#/m)[0]).toContain(alert);
    const rule = rules.find((each) => each.alert === alert);
    const expr = parsePromql(rule?.expr ?? '');
    const kept = keptLabels(expr);
    for (const [, label = ''] of summary.matchAll(/\$labels\.(\w+)/g)) expect(kept).toContain(label);
  },
);

/** Labels that an expression's elements have. */
function keptLabels(expr: Expr): readonly string[] {
  switch (expr.kind) {
    case 'number':
      return [];
    case 'metric':
      return [...(labelsOf(expr.name) ?? []), ...OF_TARGETS];
    case 'call':
      return expr.args.flatMap(keptLabels);
    case 'aggregate':
      return expr.by;
    case 'binary':
      return [...keptLabels(expr.left), ...keptLabels(expr.right)];
    case 'and':
      return keptLabels(expr.left);
    default: {
      const unknown: never = expr;
      throw new Error(`unknown part ${String(unknown)}`);
    }
  }
}
