import type { Code } from '../domain/codes';
import { Refusal } from '../domain/failure';
import { type Finding, isClean } from '../domain/finding';
import type { ConnectionId, DryRunId, Instant, Sha256Hex } from '../domain/ids';
import { type PlanFacts, planDigest, planOf } from '../domain/plan';
import type { DryRunRecord } from '../store/contract';
import { connectionOf } from './connection';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';
import { verifiedOrder } from './entitlement';
import { recordingRefusals } from './refusals';
import { commitStep, type Standing, type Step, standingNow } from './step';

export interface DryRunSummary {
  readonly dryRunId: DryRunId;
  readonly planDigest: Sha256Hex | null;
  readonly findings: readonly Finding[];
  readonly blockers: readonly Code[];
  readonly expiresAt: Instant | null;
}

export const summaryOf = (record: DryRunRecord): DryRunSummary => ({
  dryRunId: record.dryRunId,
  planDigest: record.planDigest,
  findings: record.findings,
  blockers: record.blockers,
  expiresAt: record.plan?.expiresAt ?? null,
});

/**
 * Stage `dry-run`: probes, reads and computes, and changes nothing but the ledger (invariant 4). With anything
 * that blocks there's no plan, so there's nothing to review or sign.
 */
export async function computeDryRun(
  deps: Pick<CustodyDeps, 'store' | 'verifier' | 'authority' | 'settings'>,
  step: Step & { readonly dryRunId: DryRunId; readonly connectionId: ConnectionId },
): Promise<{ standing: Standing; dryRun: DryRunSummary }> {
  const { store, verifier, settings } = deps;
  const connection = await connectionOf(store, step.connectionId);
  const { findings, keyRef } = await verifier.verify(connection, callSignal(settings.verificationMs));

  const blockers = new Set<Code>(
    findings.flatMap((finding) => (finding.result === 'failed' ? [finding.code] : [])),
  );
  const orElseBlocked = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      blockers.add(error.code);
      return null;
    }
  };
  if (blockers.size === 0 && !isClean(findings)) blockers.add('DRY_RUN_NOT_CLEAN');
  await orElseBlocked(() => verifiedOrder(deps, step.organization.id));
  const facts: PlanFacts | null = await orElseBlocked(() => store.planFacts(step.operationId));
  if (facts !== null && keyRef !== null && keyRef !== facts.connection.keyRef) blockers.add('KEY_MOVED');

  const plan = facts !== null && blockers.size === 0 ? planOf(facts, step.dryRunId, await store.now()) : null;
  await commitStep(
    store,
    step,
    {
      type: 'dry-run-recorded',
      dryRunId: step.dryRunId,
      plan,
      planDigest: plan === null ? null : planDigest(plan),
      findings,
      blockers: [...blockers],
    },
    'dry-run',
  );
  const record = await store.dryRun(step.operationId, step.dryRunId);
  if (record === null) throw new Refusal('PLAN_UNKNOWN');
  return { standing: await standingNow(store, step), dryRun: summaryOf(record) };
}

/** Support has gone through the findings with the customer: on to approval. */
export async function recordReview(
  { store }: Pick<CustodyDeps, 'store'>,
  step: Step & {
    readonly dryRunId: DryRunId;
    readonly planDigest: Sha256Hex;
    readonly note: string | null;
  },
): Promise<Standing> {
  const { organization, actor, dryRunId, planDigest: digest, note } = step;
  await recordingRefusals(store, { organization: organization.id, subject: 'dry-run', actor }, async () => {
    const record = await store.dryRun(step.operationId, dryRunId);
    if (record?.plan == null || record.planDigest !== digest) throw new Refusal('PLAN_UNKNOWN');
    if (record.plan.expiresAt <= (await store.now())) throw new Refusal('PLAN_EXPIRED');
    await commitStep(
      store,
      step,
      { type: 'dry-run-reviewed', dryRunId, planDigest: digest, note },
      'approval',
    );
  });
  return standingNow(store, step);
}
