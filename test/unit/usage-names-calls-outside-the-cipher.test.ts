import type { Connection } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { KeyRef, KeyVersion, RequestId } from '../../domain/ids';
import { organizationId } from '../../domain/intake/fields';
import type { UsageRecord } from '../../domain/ports/content';
import type { Provider, Verifier, WrapContext } from '../../domain/ports/provider';
import { recordedProvider, recordedVerifier } from '../../providers/recording';

const organization = organizationId.parse('5a0b1a52-9c6b-4ad1-9d3c-0d6f5a7f2c11');
const ENTERED = 'arn:aws:kms:eu-central-1:111122223333:alias/a';
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/a' as KeyRef;
const connection = { organization, pinnedKeyRef: null, input: { key: ENTERED } } as Connection;
const context: WrapContext = { organization, purpose: 'workspace-key', keyVersion: 1 as KeyVersion };
const signal = new AbortController().signal;
const id = (text: string) => text as RequestId;

let rows: UsageRecord[] = [];
let isDown = false;
const recorder = {
  usage: async (records: readonly UsageRecord[]) => {
    if (isDown) throw new Error('no database');
    rows.push(...records);
  },
};
beforeEach(() => {
  rows = [];
  isDown = false;
});
const said = () =>
  rows.map(({ requestId, purpose, operations, keyRef }) => `${requestId} ${purpose} ${operations} ${keyRef}`);

const answering = (changes: Partial<Provider> = {}): Provider => ({
  wrap: async () => ({ wrapped: Uint8Array.of(1), keyRef: KEY, requestId: id('wrap-1') }),
  unwrap: async () => ({ bytes: Uint8Array.of(7, 7), requestId: id('unwrap-1') }),
  ...changes,
});

describe('a call of the custody work', () => {
  it('has its row, with the key that answered', async () => {
    const provider = recordedProvider(answering(), recorder);
    await provider.wrap(connection, Uint8Array.of(1), context, signal);
    await provider.unwrap(connection, Uint8Array.of(1), KEY, context, signal);
    expect(said()).toEqual([`wrap-1 custody 1 ${KEY}`, `unwrap-1 custody 1 ${KEY}`]);
  });

  it('so has each attempt that was repeated, and a refusal, under the name that was entered', async () => {
    const refused = new ProviderFailure('WRAP_DENIED', id('wrap-2'));
    const provider = recordedProvider(
      answering({
        wrap: (_connection, _bytes, _context, _signal, onRepeated) => {
          onRepeated?.(id('wrap-1'));
          return Promise.reject(refused);
        },
      }),
      recorder,
    );
    await expect(provider.wrap(connection, Uint8Array.of(1), context, signal)).rejects.toBe(refused);
    expect(said()).toEqual([`wrap-1 custody 0 ${ENTERED}`, `wrap-2 custody 0 ${ENTERED}`]);
  });

  it('and one whose answer never came', async () => {
    const provider = recordedProvider(
      answering({ unwrap: () => Promise.reject(new ProviderFailure('DEADLINE_EXCEEDED')) }),
      recorder,
    );
    await expect(provider.unwrap(connection, Uint8Array.of(1), KEY, context, signal)).rejects.toThrow();
    expect(said()).toEqual([`null custody 0 ${ENTERED}`]);
  });

  it('gives nothing where it can’t be recorded, and what was unwrapped is zeroed', async () => {
    const bytes = Uint8Array.of(7, 7);
    const unwrap = async () => ({ bytes, requestId: id('unwrap-1') });
    isDown = true;
    const provider = recordedProvider(answering({ unwrap }), recorder);
    await expect(provider.unwrap(connection, Uint8Array.of(1), KEY, context, signal)).rejects.toThrow(
      'no database',
    );
    expect(bytes).toEqual(Uint8Array.of(0, 0));
  });
});

describe('a verification', () => {
  const verifier = (end: () => ReturnType<Verifier['verify']>): Verifier => ({
    verify: (_connection, _signal, onCall) => {
      onCall?.({ requestId: id('probe-1'), isGood: true });
      onCall?.({ requestId: id('probe-2'), isGood: false });
      onCall?.({ requestId: null, isGood: false });
      return end();
    },
  });
  const ROWS = ['probe-1 verification 1', 'probe-2 verification 0', 'null verification 0'].map(
    (row) => `${row} ${ENTERED}`,
  );

  it('has a row for each probe', async () => {
    const report = { findings: [], keyRef: null, canary: null };
    const recorded = recordedVerifier(
      verifier(async () => report),
      recorder,
    );
    expect(await recorded.verify(connection, signal)).toBe(report);
    expect(said()).toEqual(ROWS);
  });

  it('gives no report where a probe can’t be recorded', async () => {
    isDown = true;
    const report = { findings: [], keyRef: null, canary: null };
    const recorded = recordedVerifier(
      verifier(async () => report),
      recorder,
    );
    await expect(recorded.verify(connection, signal)).rejects.toThrow('no database');
  });

  it('also where it ends without a report', async () => {
    const failure = new ProviderFailure('THROTTLED', id('probe-2'));
    const recorded = recordedVerifier(
      verifier(() => Promise.reject(failure)),
      recorder,
    );
    await expect(recorded.verify(connection, signal)).rejects.toBe(failure);
    expect(said()).toEqual(ROWS);
  });
});
