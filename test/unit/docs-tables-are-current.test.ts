import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVIDER_CODES } from '../../domain/codes';
import { ASPECTS } from '../../domain/drift';
import { withTables } from '../../scripts/docs/markdown';
import { PAGES } from '../../scripts/docs/pages';
import type { WORKFLOW_TYPES } from '../../workflows/contract';

const docs = join(__dirname, '../../docs');
const read = (name: string): string => readFileSync(join(docs, name), 'utf8');

test.each(Object.entries(PAGES))(
  'docs/%s has the tables of the code (run scripts/docs/errors.ts)',
  (name, filled) => {
    const page = read(name);
    expect(filled(page)).toBe(page);
  },
);

test('the runbook has every provider code in a table, and a page for every finding', () => {
  const [incidents, findings] = [read('RUNBOOK_INCIDENTS.md'), read('RUNBOOK_FINDINGS.md')];
  for (const code of Object.keys(PROVIDER_CODES)) expect(incidents).toContain(`| \`${code}\` |`);
  for (const aspect of Object.keys(ASPECTS)) expect(findings).toContain(`\n### ${aspect}\n`);
});

/** Headings of the page about Temporal's buttons, by the type of workflow. */
const BUTTONS_OF: Readonly<Record<keyof typeof WORKFLOW_TYPES, string>> = {
  createOrganization: 'activation',
  activateCustomerKey: 'activation',
  offboardCustomerKey: 'offboarding',
  recoverCustomerKey: 'incident',
  rotateCustomerKey: 'rotation',
  changeConnection: 'connection',
  sweepForDrift: 'sweep',
  auditLedger: 'audit',
  removeHistory: 'history-removal',
  tellOfOperation: 'notice',
};

test.each(Object.entries(BUTTONS_OF))('what each button does to %s is told', (_, heading) => {
  const [, page = ''] = read('RUNBOOK_TEMPORAL.md').split(`\n## ${heading}\n`);
  const [rows = ''] = page.split('\n## ');
  for (const button of ['Cancel', 'Terminate', 'Reset', 'Delete'])
    expect(rows).toMatch(new RegExp(`^\\| .*${button}`, 'm'));
});

const HEADING = /^#+ (.*)$/gm;
/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

test.each(readdirSync(docs))('docs/%s: every link inside docs/ leads to a heading that is there', (name) => {
  for (const [, file = '', anchor = ''] of read(name).matchAll(/\]\(([A-Z_]+\.md)?(?:#([^)]+))?\)/g)) {
    const anchors = [...read(file === '' ? name : file).matchAll(HEADING)].map(([, heading = '']) =>
      anchorOf(heading),
    );
    if (anchor !== '') expect(anchors).toContain(anchor);
  }
});

test('the runbook leads to each of its pages, and to each of their headings', () => {
  for (const page of readdirSync(docs).filter((name) => /^RUNBOOK_(?!TEMPORAL)/.test(name)))
    for (const [, heading = ''] of read(page).matchAll(/^## (.*)$/gm))
      expect(read('RUNBOOK.md')).toContain(`](${page}#${anchorOf(heading)})`);
  expect(read('RUNBOOK.md')).toContain('](RUNBOOK_TEMPORAL.md)');
});

test('a table that nothing makes, or that has no place, is an error', () => {
  const page = 'a\n<!-- generated: one -->\nold\n<!-- end -->\n';
  expect(withTables(page, { one: ['| 1 |'] })).toBe('a\n<!-- generated: one -->\n| 1 |\n<!-- end -->\n');
  expect(() => withTables(page, {})).toThrow('nothing makes the table one');
  expect(() => withTables(page, { one: [], two: [] })).toThrow('the page has no place for two');
});
