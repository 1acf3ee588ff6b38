import { connectionInput } from '../../domain/connection';
import { HOSTILE } from './ssrf/corpus';
import { AWS, AZURE, inputWith, shown, typed } from './ssrf/input';

const PORT = 49_152;
const cases = HOSTILE.map((entry) => ({ ...entry, text: typed(entry, PORT), entry }));

test('what the corpus varies is good by itself, and the corpus has no entry twice', () => {
  expect(connectionInput.safeParse(AZURE).success).toBe(true);
  expect(connectionInput.safeParse(AWS).success).toBe(true);
  expect(new Set(HOSTILE.map(({ field, text }) => `${field} ${text}`)).size).toBe(HOSTILE.length);
  expect(HOSTILE.length).toBeGreaterThan(280);
});

test.each(cases.map((one) => ({ ...one, name: shown(one.text) })))(
  '$field, $label: $name',
  ({ entry, text }) => {
    const parsed = connectionInput.safeParse(inputWith(entry, text));
    expect(parsed.success).toBe(entry.isWellFormed === true);
    // The refusal is in our words: what was typed may be a secret, or a page for whoever reads the refusal.
    if (!parsed.success && text.length > 12) expect(JSON.stringify(parsed.error.issues)).not.toContain(text);
  },
);
