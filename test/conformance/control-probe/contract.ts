import { ownerOf } from '../../../domain/attribution';
import type { Owner, ProviderCode } from '../../../domain/codes';
import type { Connection } from '../../../domain/connection';
import { ProviderFailure } from '../../../domain/failure';
import type { ControlProbe } from '../../../domain/ports/control-probe';
import type { Provider, Verifier } from '../../../domain/ports/provider';

/** A customer and our canary, both set up as printed, and everything composed as in a worker. */
export interface ControlWorld {
  readonly connection: Connection;
  readonly provider: Provider;
  readonly verifier: Verifier;
  /** One that remembers nothing yet. */
  probe(): ControlProbe;
  close(): Promise<void>;
}

export interface Breakage<W> {
  readonly what: string;
  readonly breaks: (world: W) => Promise<unknown> | unknown;
  /** What the customer's verification ends with. */
  readonly code: ProviderCode;
  readonly owner: Owner;
}

/** The control probe's guarantee at one provider: what is broken is attributed to whom it belongs. */
export function namesWhoCanMendIt<W extends ControlWorld>(
  start: () => Promise<W>,
  breakages: readonly Breakage<W>[],
): void {
  let world: W;
  beforeEach(async () => {
    world = await start();
  });
  afterEach(() => world.close());

  const signal = () => AbortSignal.timeout(20_000);

  test('with nothing broken, our canary passes', async () => {
    const { provider } = world.connection.input;
    expect(await world.probe().outcome(provider)).toEqual({ result: 'passes' });
    expect(await codeOf(world, signal())).toBeNull();
  });

  test.each(breakages)('$what: $code, $owner', async ({ breaks, code, owner }) => {
    await breaks(world);
    expect(await codeOf(world, signal())).toBe(code);
    expect(await ownerOf(world.probe(), world.connection.input, code)).toBe(owner);
  });
}

/** The code of the first check that failed, or of the trouble that kept it from an answer. */
async function codeOf(
  { verifier, connection }: ControlWorld,
  signal: AbortSignal,
): Promise<ProviderCode | null> {
  try {
    const { findings } = await verifier.verify(connection, signal);
    const failed = findings.find(({ result }) => result === 'failed');
    return failed?.result === 'failed' ? failed.code : null;
  } catch (failure) {
    if (failure instanceof ProviderFailure) return failure.code;
    throw failure;
  }
}
