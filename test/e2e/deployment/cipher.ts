import { randomBytes } from 'node:crypto';
import {
  type CipherDeps,
  createWorkspaceCipher,
  type OperationEvent,
  systemClock,
  type Trouble,
  type WorkspaceCipher,
} from '../../../cipher';
import { createMetrics } from '../../../runtime/metrics';
import { composeShared } from '../../../workers/compose';
import type { Deployment } from './deployment';

export interface OpenCipher {
  readonly cipher: WorkspaceCipher;
  readonly events: OperationEvent[];
  readonly troubles: Trouble[];
  close(): Promise<void>;
}

/** The cipher as a process of ours composes it, over a store of its own. */
export async function openCipher(
  deployment: Pick<Deployment, 'runtime' | 'log' | 'running'>,
  changes: Partial<CipherDeps> = {},
): Promise<OpenCipher> {
  const { runtime, log, running } = deployment;
  const { clouds, store, statements, signer } = composeShared(runtime, 'cipher', log.logger, createMetrics());
  const events: OperationEvent[] = [];
  const troubles: Trouble[] = [];
  const cipher = createWorkspaceCipher({
    provider: clouds.provider,
    platform: clouds.platformKeys(),
    reader: store,
    recorder: store,
    verifier: statements,
    demandOpen: () => undefined,
    epochFloor: (organization) => signer.epochFloor(organization),
    coalesce: () => 'on',
    events: {
      onOperation: (event) => void events.push(event),
      observe: () => undefined,
      onTrouble: (trouble) => void troubles.push(trouble),
    },
    clock: systemClock,
    random: randomBytes,
    // Two busy cores must not turn into refusals.
    limits: { deadlineMs: 20_000 },
    ...changes,
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await store.close();
      clouds.egress.close();
    })();
    return closing;
  };
  running.push(close);
  return { cipher, events, troubles, close };
}
