import type { ProviderCode } from '../../domain/codes';
import { ProviderFailure } from '../../domain/failure';
import { checksOf } from '../../domain/finding';
import type { OrganizationId } from '../../domain/ids';
import type { Verifier } from '../../domain/ports/provider';
import { canariesOf } from '../../providers/control-probe/canaries';
import { type ControlRecord, createControlProbe } from '../../providers/control-probe/control-probe';
import { observingControl } from '../../providers/control-probe/observing';
import { createMetrics } from '../../runtime/metrics';

const settings = {
  organization: '6f1d9bfc-6d39-4b3b-9d0a-b0a1a6e4f001' as OrganizationId,
  externalId: `smsk-${'0'.repeat(40)}`,
  aws: {
    region: 'eu-central-1',
    key: 'arn:aws:kms:eu-central-1:999900002222:key/0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f',
    roleArn: 'arn:aws:iam::999900002222:role/canary',
  },
  azure: {
    tenantId: '11111111-2222-3333-4444-555555555555',
    key: `https://canary.vault.azure.net/keys/smsk-${'0'.repeat(20)}`,
    clientId: '11111111-2222-3333-4444-666666666666',
  },
};

type Answer = Verifier['verify'];
const report =
  (code?: ProviderCode): Answer =>
  async ({ input }) => ({
    findings: checksOf(input).map((check) =>
      check === 'unwrap' && code !== undefined
        ? { check, result: 'failed', code, requestId: null }
        : { check, result: 'ok', requestId: null },
    ),
    keyRef: null,
    canary: null,
  });
const throws =
  (error: unknown): Answer =>
  async () => {
    throw error;
  };
/** Answers when told to, whatever its signal says. */
function gate(answer: Answer) {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const gated: Answer = async (connection, signal) => {
    await opened;
    return answer(connection, signal);
  };
  return { gated, open };
}

function probing(answer: Answer, canaries = canariesOf(settings), deadlineMs = 5_000) {
  let nowMs = 1_000_000;
  let current = answer;
  const asked: string[] = [];
  const records: ControlRecord[] = [];
  const control = createControlProbe({
    verifier: {
      verify: (connection, signal) => {
        asked.push(connection.input.provider);
        return current(connection, signal);
      },
    },
    canaries,
    clock: () => nowMs,
    observe: (record) => records.push(record),
    deadlineMs,
  });
  return {
    control,
    asked,
    records,
    later: (ms: number) => {
      nowMs += ms;
    },
    answer: (next: Answer) => {
      current = next;
    },
  };
}

describe('the control probe', () => {
  test.each(['aws-kms', 'azure-key-vault'] as const)('goes to our own canary at %s', async (provider) => {
    const { control, asked } = probing(report());
    expect(await control.outcome(provider)).toEqual({ result: 'passes' });
    expect(asked).toEqual([provider]);
  });

  test('a failed check is its code, and trouble thrown is, too', async () => {
    expect(await probing(report('UNWRAP_DENIED')).control.outcome('aws-kms')).toEqual({
      result: 'fails',
      code: 'UNWRAP_DENIED',
    });
    const thrown = probing(throws(new ProviderFailure('PROVIDER_TRANSIENT')));
    expect(await thrown.control.outcome('aws-kms')).toEqual({ result: 'fails', code: 'PROVIDER_TRANSIENT' });
  });

  test('nothing is known where none is configured', async () => {
    const none = probing(report(), canariesOf(null));
    expect(await none.control.outcome('aws-kms')).toEqual({ result: 'unknown' });
    const onlyAws = probing(report(), canariesOf({ ...settings, azure: null }));
    expect(await onlyAws.control.outcome('azure-key-vault')).toEqual({ result: 'unknown' });
    expect([...none.asked, ...onlyAws.asked]).toEqual([]);
  });

  test('many who ask meanwhile are one probe, and each provider has its own', async () => {
    const { gated, open } = gate(report());
    const { control, asked } = probing(gated);
    const all = Array.from({ length: 50 }, () => control.outcome('aws-kms'));
    const other = control.outcome('azure-key-vault');
    open();
    expect(new Set(await Promise.all(all))).toEqual(new Set([{ result: 'passes' }]));
    await other;
    expect(asked).toEqual(['aws-kms', 'azure-key-vault']);
  });

  test('is remembered for 30 seconds from its answer on, failing ones as well', async () => {
    const { control, asked, later, answer } = probing(report('UNWRAP_DENIED'));
    await control.outcome('aws-kms');
    answer(report());
    later(29_999);
    expect(await control.outcome('aws-kms')).toMatchObject({ result: 'fails' });
    later(1);
    expect(await control.outcome('aws-kms')).toEqual({ result: 'passes' });
    expect(asked).toHaveLength(2);
  });

  test('whoever leaves learns nothing, and takes it from nobody else', async () => {
    const { gated, open } = gate(report());
    const { control, asked } = probing(gated);
    const leaving = new AbortController();
    const left = control.outcome('aws-kms', leaving.signal);
    const stayed = control.outcome('aws-kms', new AbortController().signal);
    leaving.abort();
    expect(await left).toEqual({ result: 'unknown' });
    open();
    expect(await stayed).toEqual({ result: 'passes' });
    expect(await control.outcome('aws-kms', AbortSignal.abort())).toEqual({ result: 'unknown' });
    expect(asked).toHaveLength(1);
  });

  test('ends at its own deadline, though the provider never answers and heeds no signal', async () => {
    const { gated } = gate(report());
    const { control } = probing(gated, canariesOf(settings), 20);
    expect(await control.outcome('aws-kms')).toEqual({ result: 'fails', code: 'DEADLINE_EXCEEDED' });
  });

  test.each([
    ['an error of ours', throws(new Error('a bug'))],
    ['nonsense', throws('nonsense')],
    [
      'an error before it was sent',
      (() => {
        throw new Error('at once');
      }) as Answer,
    ],
  ])('never throws: %s is unknown', async (_, answer) => {
    expect(await probing(answer).control.outcome('aws-kms')).toEqual({ result: 'unknown' });
  });

  test('never throws, though its observer does', async () => {
    const control = createControlProbe({
      verifier: { verify: report() },
      canaries: canariesOf(settings),
      clock: () => 0,
      observe: () => {
        throw new Error('a full disk');
      },
    });
    expect(await control.outcome('aws-kms')).toEqual({ result: 'unknown' });
  });

  test('each probe is one log event and one count; a failing one is a warning', async () => {
    const metrics = createMetrics();
    const logged: object[] = [];
    const logger = {
      info: (fields: object) => void logged.push({ level: 'info', ...fields }),
      warn: (fields: object) => void logged.push({ level: 'warn', ...fields }),
    };
    const observe = observingControl(logger, metrics);
    observe({ provider: 'aws-kms', outcome: { result: 'passes' }, ms: 5 });
    observe({ provider: 'aws-kms', outcome: { result: 'fails', code: 'ROLE_ASSUME_DENIED' }, ms: 6 });
    observe({ provider: 'azure-key-vault', outcome: { result: 'unknown' }, ms: 7 });
    const event = 'control.probe';
    expect(logged).toEqual([
      { level: 'info', event, provider: 'aws-kms', code: 'OK', ms: 5 },
      { level: 'warn', event, provider: 'aws-kms', code: 'ROLE_ASSUME_DENIED', ms: 6 },
      { level: 'warn', event, provider: 'azure-key-vault', code: 'UNKNOWN', ms: 7 },
    ]);
    const text = await metrics.registry.metrics();
    expect(text).toContain('smsk_control_probes_total{provider="aws-kms",code="ROLE_ASSUME_DENIED"} 1');
    expect(text).toContain('smsk_control_passes{provider="aws-kms"} 0');
    expect(text).not.toContain('smsk_control_passes{provider="azure-key-vault"}');
  });
});
