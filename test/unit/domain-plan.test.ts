import fc from 'fast-check';
import type {
  ConnectionId,
  DryRunId,
  Instant,
  KeyRef,
  KeyVersion,
  LedgerIndex,
  Sha256Hex,
} from '../../domain/ids';
import { type PlanFacts, planDigest, planOf } from '../../domain/plan';

const hex = (c: string) => c.repeat(64) as Sha256Hex;
const facts = {
  kind: 'activate' as const,
  deployment: 'novantra-eu' as PlanFacts['deployment'],
  organization: { id: '6f1c1d2e-0000-4000-8000-000000000001', name: 'acme' } as PlanFacts['organization'],
  operationId: '6f1c1d2e-0000-4000-8000-000000000002' as PlanFacts['operationId'],
  order: { orderRef: 'SO-1', digest: hex('a') },
  connection: {
    id: '6f1c1d2e-0000-4000-8000-000000000003' as ConnectionId,
    digest: hex('b'),
    input: {
      provider: 'aws-kms' as const,
      region: 'eu-central-1',
      key: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555',
      credential: { kind: 'aws-role' as const, roleArn: 'arn:aws:iam::111122223333:role/novantra' },
    },
    keyRef: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555' as KeyRef,
    verifiedBy: 7 as LedgerIndex,
  },
  live: [
    { version: 1 as KeyVersion, envelopeSha256: hex('c'), checkValue: hex('d') },
    { version: 2 as KeyVersion, envelopeSha256: hex('e'), checkValue: hex('f') },
  ],
  platformKeyRef: 'arn:aws:kms:eu-central-1:999999999999:key/99999999-2222-3333-4444-555555555555' as KeyRef,
} satisfies PlanFacts;
const dryRunId = '6f1c1d2e-0000-4000-8000-000000000004' as DryRunId;
const at = '2026-01-01T00:00:00.000Z' as Instant;

/** Every path to a leaf value of the facts. */
function leaves(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (value === null || typeof value !== 'object') return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]));
}

function altered(path: (string | number)[]): PlanFacts {
  const copy = structuredClone(facts);
  let at: Record<string | number, unknown> = copy as unknown as Record<string, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  const was = at[last];
  at[last] = typeof was === 'number' ? was + 1000 : `${String(was)}x`;
  return copy;
}

describe('inv03: the plan that is signed is the plan that is carried out', () => {
  test('the same facts, dry-run and instant give the same digest, in whatever order the envelopes are read', () => {
    const reversed = { ...facts, live: [...facts.live].reverse() };
    expect(planDigest(planOf(reversed, dryRunId, at))).toBe(planDigest(planOf(facts, dryRunId, at)));
  });

  test('any changed fact gives another digest', () => {
    const digest = planDigest(planOf(facts, dryRunId, at));
    fc.assert(
      fc.property(fc.constantFrom(...leaves(facts).filter(([first]) => first !== 'kind')), (path) => {
        expect(planDigest(planOf(altered(path), dryRunId, at))).not.toBe(digest);
      }),
      { numRuns: 200 },
    );
  });

  test('a further envelope, a missing one, another dry-run or another instant gives another digest', () => {
    const digest = planDigest(planOf(facts, dryRunId, at));
    const others = [
      planOf({ ...facts, live: facts.live.slice(0, 1) }, dryRunId, at),
      planOf(
        {
          ...facts,
          live: [...facts.live, { version: 3 as KeyVersion, envelopeSha256: hex('1'), checkValue: hex('2') }],
        },
        dryRunId,
        at,
      ),
      planOf(facts, '6f1c1d2e-0000-4000-8000-000000000005' as DryRunId, at),
      planOf(facts, dryRunId, '2026-01-01T00:00:00.001Z' as Instant),
    ];
    for (const other of others) expect(planDigest(other)).not.toBe(digest);
  });

  test('mints the version after the newest, and dates the end of the platform key after the plan’s own end', () => {
    const plan = planOf(facts, dryRunId, at);
    expect(plan).toMatchObject({
      mint: 3,
      expiresAt: '2026-01-15T00:00:00.000Z',
      platformKey: { destroyedBy: '2026-01-23T00:00:00.000Z' },
    });
  });
});
