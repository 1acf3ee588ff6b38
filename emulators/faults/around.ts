import type { Outcome } from '../loopback/wire';
import type { ConnectionEffect, Hit } from './faults';

/** Delays every emulated call has. */
export interface Pace {
  /** Default delay of every call, half before the decision and half after. */
  latencyMs: number;
}

type AnyHit = Hit<ConnectionEffect | { readonly kind: 'error' }>;
type Sleep = (ms: number) => Promise<void>;

/**
 * Puts what was injected around one decision: delays and losses before it, losses after it. `decide` is
 * synchronous, so nothing happens between the reading of the state and the change.
 */
export async function around(
  hits: readonly AnyHit[],
  pace: Pace,
  sleep: Sleep,
  decide: () => Outcome,
): Promise<Outcome> {
  const delay = pace.latencyMs;
  if (delay > 0) await sleep(Math.floor(delay / 2));
  const lost = await before(hits, sleep);
  if (lost !== undefined) return lost;
  const outcome = decide();
  if (delay > 0) await sleep(delay - Math.floor(delay / 2));
  return (await after(hits)) ?? outcome;
}

async function before(hits: readonly AnyHit[], sleep: Sleep): Promise<Outcome | undefined> {
  for (const { effect, cleared } of hits) {
    if (effect.kind === 'latency') await sleep(effect.ms);
    if (effect.kind === 'hold' && effect.when === 'before') await cleared;
  }
  return lossOf(hits, 'before');
}

async function after(hits: readonly AnyHit[]): Promise<Outcome | undefined> {
  for (const { effect, cleared } of hits)
    if (effect.kind === 'hold' && effect.when === 'after') await cleared;
  return lossOf(hits, 'after');
}

function lossOf(hits: readonly AnyHit[], when: 'before' | 'after'): Outcome | undefined {
  for (const { effect } of hits) {
    if ((effect.kind === 'reset' || effect.kind === 'hang') && effect.when === when) return effect.kind;
    if (effect.kind === 'malformed' && effect.when === when) {
      return {
        status: effect.status,
        headers: { 'content-type': 'text/html', ...effect.headers },
        body: effect.body,
      };
    }
  }
  return undefined;
}
