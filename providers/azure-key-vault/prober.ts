import { isAzure } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { KeyVersion } from '../../domain/ids';
import { isVersionOf } from '../../domain/intake/azure';
import type { Held, Outcome, Prober } from '../../domain/ports/prober';
import { alsoTelling } from '../calls/call';
import { onceMore } from '../calls/once-more';
import { named, notIn, step } from '../calls/outcome';
import { createCall } from './call';
import { identityFor, requireBound, tokenFor } from './caller';
import { type Access, unwrap, wrap } from './cryptography';
import type { AzureKeyVaultVerifierOptions } from './verifier';

/** A workspace key's length: what passes with it passes in production. */
const PROBE_BYTES = 32;

/**
 * Probes with a token of its own, made for each probe. The wrap names no version: the newest answers, which is what
 * the next envelopes will be wrapped under, and by its `kid` how a rotation is noticed.
 */
export function createAzureKeyVaultProber(options: AzureKeyVaultVerifierOptions): Prober {
  const { egress, identityOf, clock, observe, random } = options;
  return {
    probe: async (connection, held, _looks, signal, onCall) => {
      if (!isAzure(connection)) throw new ProviderFailure('CONFIG_INVALID');
      const call = createCall({ clock, observe: alsoTelling(observe, onCall) });
      const opened = await step(async () => {
        const caller = await identityFor(identityOf, connection, signal);
        requireBound(connection, caller);
        const token = await onceMore(() => tokenFor(caller.identity, connection, signal, true));
        return { call, egress, connection, token, signal, requestId: null };
      });
      if (opened.value === null) return notIn(opened.outcome);
      const access = opened.value;
      const reads: Outcome[] = [];
      for (const each of held) reads.push(await unwraps(access, each));
      const { key } = connection.input;
      const newest = { version: null, accepts: (answered: Held['keyRef']) => isVersionOf(answered, key) };
      const context = {
        organization: connection.organization,
        purpose: 'workspace-key',
        keyVersion: 1 as KeyVersion,
      } as const;
      const wrapped = await step(() => wrap(access, newest, random(PROBE_BYTES), context));
      return {
        access: opened.outcome,
        reads,
        writes: wrapped.outcome,
        leadsTo: named(wrapped),
        trust: null,
      };
    },
  };
}

async function unwraps(access: Access, { wrapped, keyRef, context }: Held): Promise<Outcome> {
  const { outcome, value } = await step(() => unwrap(access, keyRef, wrapped, context));
  value?.bytes.fill(0);
  return outcome;
}
