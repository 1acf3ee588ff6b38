import { rememberedEnds } from '../../domain/credential-ends';
import type { NamedReference, NamedReferences, UsableReference } from '../../domain/credential-reference';
import { NO_REFERENCE } from '../../domain/credential-reference';
import { instantOf, type LedgerIndex, type OrganizationId } from '../../domain/ids';
import type { CredentialEnds } from '../../domain/ports/credential-references';
import { createMetrics } from '../../runtime/metrics';
import { type DaysLeftParts, recordDaysLeft } from '../../workers/days-left';
import { REGISTERED_ENDS } from '../fakes/registered-ends';

const DAY_MS = 86_400_000;
const NOW_MS = Date.parse('2026-06-01T00:00:00Z');
const [ACME, GLOBEX] = ['acme-id', 'globex-id'] as OrganizationId[] as [OrganizationId, OrganizationId];

const entryOf = (organization: OrganizationId, name: string, endMs: number): UsableReference => ({
  ...{ organization, name, provider: 'aws-kms', key: 'arn', identity: 'arn', locator: `aws:${name}` },
  notAfter: instantOf(endMs),
  registration: 4 as LedgerIndex,
});
/** That it counts is all that's looked at here. */
const COUNTS = { confirmed: {}, pending: null, last: null } as unknown as NamedReference;

function world(entries: UsableReference[], unproved: readonly string[] = []) {
  const metrics = createMetrics();
  const broken = new Set<OrganizationId>();
  const parts: DaysLeftParts & { readonly metrics: typeof metrics } = {
    store: {
      organizationsWithReferences: async () =>
        [
          { id: ACME, name: 'acme' },
          { id: GLOBEX, name: 'globex' },
        ] as never,
      references: async (organization) => {
        if (broken.has(organization)) throw new Error('LEDGER_MISMATCH');
        const own = entries.filter((entry) => entry.organization === organization);
        const waiting: [string, NamedReference] = ['waiting', NO_REFERENCE];
        return new Map([waiting, ...own.map(({ name }) => [name, COUNTS] as const)]) as NamedReferences;
      },
    },
    references: {
      find: async (organization, name) =>
        entries.find(
          (entry) =>
            entry.organization === organization && entry.name === name && !unproved.includes(entry.name),
        ) ?? null,
    },
    ends: REGISTERED_ENDS,
    certificates: () => [],
    clock: () => NOW_MS,
    metrics,
  };
  const lines = async (more: Partial<DaysLeftParts> = {}) => {
    await recordDaysLeft({ ...parts, ...more }).catch(() => undefined);
    const text = await metrics.registry.metrics();
    return text.split('\n').filter((line) => /^smsk_(credential|certificate)_days_left\{/.test(line));
  };
  return { parts, lines, broken, entries };
}

test('each entry that two people vouched for has its days, past its end negative ones', async () => {
  const { lines } = world(
    [
      entryOf(ACME, 'acme-wrap', NOW_MS + 29.5 * DAY_MS),
      entryOf(GLOBEX, 'globex-app', NOW_MS - 2 * DAY_MS),
      entryOf(GLOBEX, 'by-nobody', NOW_MS + DAY_MS),
    ],
    ['by-nobody'],
  );
  expect(await lines()).toEqual([
    'smsk_credential_days_left{organization="acme",name="acme-wrap"} 29.5',
    'smsk_credential_days_left{organization="globex",name="globex-app"} -2',
  ]);
});

test('what is withdrawn is gone; what can’t be found out stays, and keeps nobody else’s back', async () => {
  const { lines, broken, entries } = world([
    entryOf(ACME, 'acme-wrap', NOW_MS + 20 * DAY_MS),
    entryOf(GLOBEX, 'globex-app', NOW_MS + 10 * DAY_MS),
  ]);
  await lines();
  broken.add(ACME);
  entries.splice(1, 1, entryOf(GLOBEX, 'globex-new', NOW_MS + 300 * DAY_MS));
  expect(await lines()).toEqual([
    'smsk_credential_days_left{organization="acme",name="acme-wrap"} 20',
    'smsk_credential_days_left{organization="globex",name="globex-new"} 300',
  ]);
});

test('it fails where something couldn’t be found out, so that the round says so', async () => {
  const { parts, broken } = world([]);
  await recordDaysLeft(parts);
  broken.add(GLOBEX);
  await expect(recordDaysLeft(parts)).rejects.toThrow('LEDGER_MISMATCH');
});

test('the certificates of our own apps have theirs; one that can’t be read has none left', async () => {
  const { lines } = world([]);
  const certificates = () => [
    { clientId: 'one', expiresAtMs: NOW_MS + 7 * DAY_MS },
    { clientId: 'two', expiresAtMs: null },
  ];
  expect(await lines({ certificates })).toEqual([
    'smsk_certificate_days_left{app="one"} 7',
    'smsk_certificate_days_left{app="two"} 0',
  ]);
  expect(await lines()).toEqual([]);
});

describe('the source of a credential is asked', () => {
  const signal = new AbortController().signal;
  function asked(answers: (number | Error)[]) {
    const clock = { ms: NOW_MS };
    const ends: CredentialEnds = {
      endOf: async () => {
        const answer = answers.shift();
        if (typeof answer !== 'number') throw answer ?? new Error('asked too often');
        return answer;
      },
    };
    return { clock, ends: rememberedEnds(ends, () => clock.ms) };
  }
  const entry = entryOf(ACME, 'acme-wrap', NOW_MS);

  test('once in ten minutes, and again for another registration', async () => {
    const { clock, ends } = asked([1, 2, 3]);
    const both = await Promise.all([ends.endOf(entry, signal), ends.endOf(entry, signal)]);
    expect(both).toEqual([1, 1]);
    clock.ms += 599_999;
    expect(await ends.endOf(entry, signal)).toBe(1);
    expect(await ends.endOf({ ...entry, registration: 9 as LedgerIndex }, signal)).toBe(2);
    clock.ms += 600_000;
    expect(await ends.endOf({ ...entry, registration: 9 as LedgerIndex }, signal)).toBe(3);
  });

  test('anew where it couldn’t be found out, and for each organization’s own name', async () => {
    const { ends } = asked([new Error('not now'), 5, 6]);
    await expect(ends.endOf(entry, signal)).rejects.toThrow('not now');
    expect(await ends.endOf(entry, signal)).toBe(5);
    expect(await ends.endOf({ ...entry, organization: GLOBEX }, signal)).toBe(6);
  });
});
