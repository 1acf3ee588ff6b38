import { PROVIDER_CODES, type ProviderCode } from '../../domain/codes';
import { type AwsConnectionInput, newConnection } from '../../domain/connection';
import { FAILED_READS, judge, SAYS } from '../../domain/drift';
import type { ConnectionId, KeyRef, OrganizationId } from '../../domain/ids';
import type { Outcome, Probed } from '../../domain/ports/prober';

const KEY = 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555';
const input: AwsConnectionInput = {
  provider: 'aws-kms',
  region: 'eu-central-1',
  key: KEY,
  credential: { kind: 'aws-role', roleArn: 'arn:aws:iam::111111111111:role/wrap' },
};
const connection = {
  ...newConnection('c' as ConnectionId, 'o' as OrganizationId, 'smsk-1', input),
  pinnedKeyRef: KEY as KeyRef,
};
const OK: Outcome = { result: 'ok', requestId: null };
const FINE: Probed = { access: OK, reads: [OK], writes: OK, leadsTo: null, trust: OK };
const judged = (code: ProviderCode, failures: number) =>
  judge(
    { connection, held: [], failures },
    { ...FINE, reads: [OK, { result: 'failed', code, requestId: null }] },
    async (failed) => PROVIDER_CODES[failed].owner,
  );

const codes = Object.keys(PROVIDER_CODES) as ProviderCode[];

test.each(codes)(
  '%s at a read: its consequence the first time, and from the second in a row on',
  async (code) => {
    const [first, further] = FAILED_READS[SAYS[code]];
    for (const [failures, consequence] of [
      [0, first],
      [1, further],
      [2, further],
    ] as const) {
      const { incident, looked, ...rest } = await judged(code, failures);
      expect(rest).toEqual({ code, failures: failures + 1 });
      expect(incident !== null).toBe(consequence === 'incident');
      expect(looked.ours != null).toBe(consequence === 'operator');
    }
  },
);

test('no code of our own alone ever opens a customer’s incident', async () => {
  const ours = codes.filter((code) => SAYS[code] === 'ours');
  expect(ours).toContain('OUR_IDENTITY');
  for (const code of ours) expect((await judged(code, 9)).incident).toBeNull();
});

test('one former key of several that doesn’t unwrap any more is enough', async () => {
  expect((await judged('KEY_DISABLED', 0)).incident).toEqual({ code: 'KEY_DISABLED', requestId: null });
});

test('an answer of which nothing failed clears every aspect it looked at, and no other', async () => {
  const { looked, ...rest } = await judge(
    { connection, held: [], failures: 3 },
    FINE,
    async () => 'customer',
  );
  expect(rest).toEqual({ code: 'OK', failures: 0, incident: null });
  expect(looked).toEqual({ ours: null, trust: null, writes: null });
});

test('an alias that can’t be asked just now hasn’t moved; one that is gone has', async () => {
  const by = async (code: ProviderCode) => {
    const leadsTo = { result: 'failed', code, requestId: null } as const;
    const subject = { connection, held: [], failures: 0 };
    return (await judge(subject, { ...FINE, leadsTo }, async () => 'customer')).looked.identity;
  };
  expect(await by('DEADLINE_EXCEEDED')).toBeUndefined();
  expect(await by('KEY_NOT_FOUND')).toMatchObject({ code: 'KEY_MOVED', keyRef: null });
});
