import { randomUUID } from 'node:crypto';
import { customerKeys } from '../../activities/sweep/customer-keys';
import { sweepLane } from '../../activities/sweep/lane';
import { platformKeys } from '../../activities/sweep/platform-keys';
import { records } from '../../activities/sweep/records';
import type { ProviderCode } from '../../domain/codes';
import type { KeyRef, OrganizationId } from '../../domain/ids';
import type { PlatformKeyState } from '../../domain/ports/platform';
import type { Outcome, Probed } from '../../domain/ports/prober';
import { type Opened, openStore } from './support/opened';
import type { Story } from './support/story';
import { allDue, FINE, inCustody, sweeping } from './support/sweep';

let opened: Opened;
let story: Story;
let organization: OrganizationId;
let sweep: ReturnType<typeof sweeping>;
beforeEach(async () => {
  opened = await openStore();
  [story] = (await inCustody(opened.store, 1)) as [Story];
  organization = story.organization;
  sweep = sweeping(opened.store);
});
afterEach(() => opened.close());

const failed = (code: ProviderCode): Outcome => ({ result: 'failed', code, requestId: null });
const signal = new AbortController().signal;

/** One sweep in which everybody is due, with this answer of the provider's. */
async function probe(answer: Probed): Promise<void> {
  sweep.prober.answers.set(organization, () => answer);
  await opened.store.enrolProbes('customer-key', 300_000);
  await allDue(opened.sql);
  await sweepLane(sweep.deps, 'customer-key', customerKeys(sweep.deps), signal);
}
const status = async () => {
  const { posture, drift = [] } = (await opened.store.status(story.name)) ?? {};
  return { posture, standing: drift.map(({ aspect, code, owner }) => [aspect, code, owner]) };
};
const entries = async () =>
  (await opened.store.ledgerLines(organization, 0, 1_000))
    .map(({ entry }) => JSON.parse(entry) as { type: string; body: { code: string } })
    .filter(({ type }) => type.startsWith('drift'))
    .map(({ type, body }) => `${type} ${body.code}`);

const WRITES = { ...FINE, writes: failed('WRAP_DENIED') };

test('a refused wrap is a warning: once in the ledger however often it is found, and once when it is gone', async () => {
  await probe(WRITES);
  await probe(WRITES);
  expect(await status()).toEqual({ posture: 'warning', standing: [['writes', 'WRAP_DENIED', 'customer']] });
  expect(sweep.refused).toEqual([]);
  await probe(FINE);
  await probe(FINE);
  expect(await status()).toEqual({ posture: 'normal', standing: [] });
  await probe(WRITES);
  expect(await entries()).toEqual([
    'drift-found WRAP_DENIED',
    'drift-cleared WRAP_DENIED',
    'drift-found WRAP_DENIED',
  ]);
  expect(await opened.store.auditRows()).toEqual([]);
});

test('a warning of another code takes the place of the one that stood', async () => {
  await probe(WRITES);
  await probe({ ...FINE, writes: failed('KEY_EXPIRED_OR_NBF') });
  expect((await status()).standing).toEqual([['writes', 'KEY_EXPIRED_OR_NBF', 'customer']]);
});

test('a refused unwrap is an incident at once, counted at each probe, and no warning', async () => {
  const disabled = { ...FINE, reads: [failed('KEY_DISABLED')] };
  await probe(disabled);
  expect(sweep.refused).toEqual([{ organization, code: 'KEY_DISABLED' }]);
  await probe(disabled);
  expect(sweep.refused).toHaveLength(2);
  expect(await entries()).toEqual([]);
  const [row] = await opened.sql<{ failures: number }>(
    `SELECT failures FROM probe WHERE kind = 'customer-key'`,
  );
  expect(row?.failures).toBe(2);
});

test('no answer is an incident from the second in a row on; an answer between begins anew', async () => {
  const away = { ...FINE, access: failed('NETWORK'), reads: [], writes: null };
  await probe(away);
  await probe(FINE);
  await probe(away);
  expect(sweep.refused).toEqual([]);
  await probe(away);
  expect(sweep.refused).toEqual([{ organization, code: 'NETWORK' }]);
});

test('what fails for our own canary too is ours: no incident of the customer’s, and cleared when it’s over', async () => {
  sweep.canary.outcome = { result: 'fails', code: 'NETWORK' };
  const away = { ...FINE, access: failed('NETWORK'), reads: [], writes: null };
  await probe(away);
  await probe(away);
  expect(sweep.refused).toEqual([]);
  expect(await status()).toEqual({ posture: 'warning', standing: [['ours', 'NETWORK', 'operator']] });
  await probe(FINE);
  expect(await status()).toEqual({ posture: 'normal', standing: [] });
});

test('what a probe couldn’t look at stands as it stood', async () => {
  await probe({ ...WRITES, trust: failed('TRUST_POLICY_OPEN') });
  await probe({ ...FINE, access: failed('ROLE_ASSUME_DENIED'), reads: [], writes: null });
  expect((await status()).standing.map(([aspect]) => aspect).sort()).toEqual(['trust', 'writes']);
  await probe(FINE);
  expect((await status()).standing).toEqual([['trust', 'TRUST_POLICY_OPEN', 'customer']]);
});

test('a credential that ends soon is warned of in time', async () => {
  const ending = { ...sweep.deps, credentialEnd: async () => Date.now() + 86_400_000 };
  await opened.store.enrolProbes('customer-key', 300_000);
  await allDue(opened.sql);
  await sweepLane(ending, 'customer-key', customerKeys(ending, true), signal);
  expect((await status()).standing).toEqual([['credential', 'CREDENTIAL_EXPIRING', 'customer']]);
});

test('two sweeps that find the same at once leave one entry', async () => {
  sweep.prober.answers.set(organization, () => WRITES);
  await opened.store.enrolProbes('customer-key', 300_000);
  await allDue(opened.sql);
  const holders = [randomUUID(), randomUUID()];
  const limits = { perAccount: 9, perAccountSecond: 9, troubled: 9 };
  // The first one's lease has ended while it was at it, and the second one has begun.
  const leased = [];
  for (const holder of holders) {
    const request = {
      kind: 'customer-key',
      holder,
      leaseMs: 1,
      limits,
      count: 1,
      only: organization,
    } as const;
    leased.push((await opened.store.leaseProbes(request)).probes);
    await opened.sql(`UPDATE probe SET leased_until = clock_timestamp() - interval '1 ms'`);
  }
  expect(leased.map((probes) => probes.length)).toEqual([1, 1]);
  const begun = await Promise.all(leased.map((probes) => customerKeys(sweep.deps)(probes, signal)));
  await Promise.all(begun.flat());
  expect(await entries()).toEqual(['drift-found WRAP_DENIED']);
});

test('inv01: a former platform key that isn’t on its way out is a security event of ours', async () => {
  const sweepFormer = async (state: PlatformKeyState) => {
    const deps = { ...sweep.deps, control: { state: async (_: KeyRef) => state } };
    await opened.store.enrolProbes('platform-key', 300_000);
    await allDue(opened.sql);
    await sweepLane(deps, 'platform-key', platformKeys({ ...deps, store: opened.store }), signal);
  };
  await sweepFormer('enabled');
  expect(await status()).toEqual({
    posture: 'warning',
    standing: [['platform-key', 'PLATFORM_KEY_ALIVE', 'operator']],
  });
  expect(sweep.logged).toContainEqual(expect.objectContaining({ event: 'drift.platform-key', organization }));
  await sweepFormer('disabled');
  expect((await status()).standing).toHaveLength(1);
  await sweepFormer('pending-deletion');
  expect(await status()).toEqual({ posture: 'normal', standing: [] });
});

test('inv09: a row that the ledger doesn’t explain is a security event of ours', async () => {
  const sweepRows = async () => {
    await opened.store.enrolProbes('records', 300_000);
    await allDue(opened.sql);
    await sweepLane(sweep.deps, 'records', records(sweep.deps), signal);
  };
  await sweepRows();
  expect(await status()).toEqual({ posture: 'normal', standing: [] });
  await opened.sql(
    `INSERT INTO key_version (organization_id, version, check_value, operation_id, ledger_index)
     VALUES ($1, 9, $2, $3, 1)`,
    [organization, 'a'.repeat(64), story.operation.id],
  );
  await sweepRows();
  expect(await status()).toEqual({
    posture: 'warning',
    standing: [['records', 'RECORD_UNEXPLAINED', 'operator']],
  });
  expect(sweep.logged).toContainEqual(
    expect.objectContaining({ event: 'drift.record', table: 'key_version', row: '9' }),
  );
});

test('inv09: a finding is cleared once and stays what it was, even for the database’s owner', async () => {
  await probe(WRITES);
  const all = [`UPDATE drift SET code = 'OK'`, 'DELETE FROM drift', 'TRUNCATE drift'];
  for (const statement of all) await expect(opened.sql(statement)).rejects.toThrow(/refuses/);
});
