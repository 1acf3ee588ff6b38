import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiRefused } from '../../api/client';
import type { Cast } from './cast';
import { entriesOf } from './ledger-entry';
import { customerApproves, handOff, launch, planAndReview, unlessOpen } from './moves';
import { CONTEXT, readBack } from './off-switch';
import { patiently } from './patiently';
import type { Chapter, Outcome } from './report';
import { stagesSince } from './stages';
import { until } from './until';
import { wordsOf } from './words';

/** Whether the customer has begun to leave: then every chapter before that has been told. */
export const isLeaving = async (cast: Cast): Promise<boolean> => (await offboardingsOf(cast)).length > 0;

/** In place of what an earlier run played with a key that mattered then. */
export async function tellWhatWasPlayed(chapter: Chapter, { org }: Cast): Promise<void> {
  for (const [step, words] of PLAYED)
    await chapter.step(org, step, async () => ({ words, entry: null, done: true }));
}

const PLAYED = [
  ['off-switch', 'the customer disabled its key, reads and writes were refused, and worked again'],
  ['rotation', 'the customer rotated its key, and every envelope followed'],
  ['drift', 'what was changed at the provider was found, and mended'],
  ['orders', 'the order was withdrawn, and another one came'],
] as const;

/**
 * The customer leaves: not while its key is off, then by a plan that both sides approve; in the end its key has no say any
 * more, and it's told so.
 */
export async function playOffboarding(chapter: Chapter, cast: Cast): Promise<void> {
  const { org, adminName, support, approver, customer } = cast;
  const words = wordsOf(customer.provider);
  const refusedAt = await playRefusal(chapter, cast);

  let since = 0;
  await chapter.step(org, 'offboarding', async () => {
    const started = async () => (await offboardingsOf(cast)).find((index) => index > refusedAt);
    const before = await started();
    if (before === undefined) {
      await until(support, org, 'the end of the incident', ({ incident }) => incident === null);
      await patiently(() => support.startOffboarding(org).catch(unlessOpen));
      await until(support, org, 'its verification', ({ operation }) => operation?.stage === 'dry-run');
    }
    since = before ?? (await started()) ?? 0;
    return {
      words: 'support started it; the key in use was verified, and no order is needed',
      entry: since,
      done: before !== undefined,
    };
  });

  const stage = stagesSince(chapter, cast, since);
  await stage(
    'dry-run',
    'dry-run-reviewed',
    'support launched and reviewed it: every key version unwrapped as a probe, nothing changed',
    () => planAndReview(cast),
  );
  await stage(
    'approval',
    'approval-accepted',
    `${adminName} recomputed the plan’s digest and signed it`,
    () => customerApproves(cast),
  );
  await stage(
    'operator’s approval',
    'operator-approved',
    'olga of operations approved the same plan; sam, who started it, may not',
    async () => {
      const { operationId, digest } = await approver.plan(org);
      const message = { operationId, planDigest: digest ?? '' };
      await patiently((repeat) => approver.approveOffboarding(org, message, repeat));
    },
  );
  await stage(
    'live',
    'superseded-envelopes-erased',
    're-wrapped under a new platform key, switched, the envelopes under the customer’s key erased',
    () => launch(cast, since),
  );
  await stage('handoff', 'handoff-recorded', 'support recorded contacts; the arrangement is over', () =>
    handOff(cast),
  );

  await chapter.step(org, 'what is safe', () => safeToDisable(cast));
  await chapter.step(org, 'customer disables key', async () => {
    await customer.disableKey();
    return { words: words.disabled, entry: null };
  });
  await chapter.step(org, 'next read works', async () => {
    await readBack(cast);
    await cast.service.decrypt(org, readFileSync(join(cast.folder, 'before.bin')), CONTEXT);
    return {
      words: 'all content, whatever key it was written under: theirs has no say any more',
      entry: null,
    };
  });
}

/** It's no way around a key that refuses. @returns the entry that ended the attempt */
async function playRefusal(chapter: Chapter, cast: Cast): Promise<number> {
  const { org, support, customer } = cast;
  const words = wordsOf(customer.provider);
  const offboardings = await offboardingsOf(cast);
  const ended = async () => {
    const [tried = Number.POSITIVE_INFINITY] = await offboardingsOf(cast);
    const closed = await entriesOf(support, org, 'operation-closed', ({ outcome }) => outcome === 'refused');
    return closed.findLast((index) => index > tried) ?? null;
  };
  let entry = await ended();
  const done = entry !== null;
  const goesOn = entry !== null && (offboardings.at(-1) ?? 0) > entry;

  await chapter.step(org, 'customer disables key', async () => {
    if (!done) await customer.disableKey();
    return { words: words.disabled, entry: null, done };
  });
  await chapter.step(org, 'offboarding refused', async () => {
    if (!done) await refusedAtOnce(cast);
    entry ??= await ended();
    return {
      words: 'at once, KEY_DISABLED: leaving is no way around a key that refuses; nothing has changed',
      entry,
      done,
    };
  });
  await chapter.step(org, 'customer enables key', async () => {
    if (!goesOn) await customer.enableKey();
    return { words: words.enabled, entry: null, done: goesOn };
  });
  return entry ?? 0;
}

/** @throws Error where it isn't, or not for the key */
async function refusedAtOnce(cast: Cast): Promise<void> {
  const { org, support, customer } = cast;
  try {
    await patiently(() => support.startOffboarding(org).catch(unlessOpen));
  } catch (error) {
    if (!(error instanceof ApiRefused) || error.problem.code !== 'INCIDENT_OPEN') throw error;
    // A sweep or an earlier run was there first, and nothing is even begun while an incident is open.
    await customer.enableKey();
    await until(support, org, 'the end of the incident', ({ incident }) => incident === null);
    await customer.disableKey();
    return refusedAtOnce(cast);
  }
  const { operation, custody } = await until(
    support,
    org,
    'the refusal',
    (status) => status.operation?.kind === 'offboard' && status.operation.outcome !== null,
  );
  const { outcome, reason } = operation ?? {};
  if (outcome !== 'refused' || reason !== 'KEY_DISABLED' || custody !== 'customer')
    throw new Error(`it should have been refused: ${outcome}, ${reason}, ${custody} custody`);
}

async function safeToDisable({ org, support }: Cast): Promise<Outcome> {
  const { custody, keys } = await support.status(org);
  const safe = keys.keyRefs.flatMap(({ safeToDisable }) => safeToDisable ?? []);
  const [last] = safe.toSorted((one, other) => other.ledgerIndex - one.ledgerIndex);
  if (custody !== 'platform' || last === undefined || safe.length !== keys.keyRefs.length)
    throw new Error(`${custody} custody, and the keys are ${JSON.stringify(keys.keyRefs)}`);
  const backups = last.alsoForBackups.slice(0, 10);
  return {
    words: `the status says so of all ${safe.length} versions of the customer’s key: disable now, delete from ${backups}`,
    entry: last.ledgerIndex,
  };
}

const offboardingsOf = ({ org, support }: Cast): Promise<readonly number[]> =>
  entriesOf(support, org, 'operation-opened', ({ kind }) => kind === 'offboard');
