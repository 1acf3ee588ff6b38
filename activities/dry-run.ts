import type { Code } from '../domain/codes';
import { Refusal } from '../domain/failure';
import { type Finding, isClean } from '../domain/finding';
import type { DryRunId, Instant, Sha256Hex } from '../domain/ids';
import { type PlanFacts, planDigest, planOf } from '../domain/plan';
import type { DryRunRecord } from '../store/contract';
import { connectionOf } from './connection';
import type { CustodyDeps } from './deps';
import { verifiedOrder } from './entitlement';
import { verifiedOnRecord } from './impeded';
import { demandAllUnderKeyInUse, demandKeyInUse } from './key-in-use';
import { type Asked, carryOut } from './sender';
import { type By, bodyOf, commitAs, type Standing, standingNow } from './step';

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

type Deps = Pick<
  CustodyDeps,
  'store' | 'verifier' | 'controlProbe' | 'authority' | 'provider' | 'statements' | 'settings' | 'logger'
>;
type DryRunStep = Asked & { readonly dryRunId: DryRunId };

/**
 * Stage `dry-run`: probes, reads and computes, and changes nothing but the ledger (invariant 4). With anything
 * that blocks there's no plan, so there's nothing to review or sign.
 */
export async function computeDryRun(
  deps: Deps,
  step: DryRunStep,
): Promise<{ standing: Standing; dryRun: DryRunSummary }> {
  const { store } = deps;
  const dryRunId = await carryOut(deps, step, 'launchDryRun', 'dry-run', (_message, by) =>
    recordPlan(deps, step, by),
  );
  const record = await store.dryRun(step.operationId, dryRunId);
  if (record === null) throw new Refusal('PLAN_UNKNOWN');
  return { standing: await standingNow(store, step), dryRun: summaryOf(record) };
}

/** @returns the dry-run's id: the first attempt's, where its answer was lost */
async function recordPlan(deps: Deps, step: DryRunStep, by: By): Promise<DryRunId> {
  const { store } = deps;
  const connection = await connectionOf(store, step);
  const { findings, keyRef } = await verifiedOnRecord(
    deps,
    step,
    { ...by, name: `dry-run/${by.name}` },
    connection,
  );

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
  const { kind } = await standingNow(store, step);
  if (kind !== 'offboard') await orElseBlocked(() => verifiedOrder(deps, step.organization.id));
  const facts: PlanFacts | null = await orElseBlocked(() => store.planFacts(step.operationId));
  if (kind === 'change-connection') await orElseBlocked(() => demandKeyInUse(deps, step));
  if (kind === 'offboard') await orElseBlocked(() => demandAllUnderKeyInUse(deps, step));
  const planned = facts === null || facts.kind === 'offboard' ? null : facts.connection.keyRef;
  if (planned !== null && keyRef !== null && keyRef !== planned) blockers.add('KEY_MOVED');

  const plan = facts !== null && blockers.size === 0 ? planOf(facts, step.dryRunId, await store.now()) : null;
  const committed = await commitAs(
    store,
    step,
    { ...by, name: `dry-run/${by.name}` },
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
  return bodyOf(committed)['dryRunId'] as DryRunId;
}

/** Support has gone through the findings with the customer: on to approval. */
export async function recordReview(
  deps: Pick<CustodyDeps, 'store' | 'authority'>,
  step: Asked,
): Promise<Standing> {
  const { store } = deps;
  await carryOut(deps, step, 'reviewDryRun', 'dry-run', async ({ planDigest: digest, note }, by) => {
    const record = await store.dryRun(step.operationId, 'current');
    if (record !== null && record.plan === null) throw new Refusal('DRY_RUN_NOT_CLEAN');
    if (record?.plan == null || record.planDigest !== digest) throw new Refusal('PLAN_UNKNOWN');
    if (record.plan.expiresAt <= (await store.now())) throw new Refusal('PLAN_EXPIRED');
    const { dryRunId } = record;
    await commitAs(
      store,
      step,
      { ...by, name: `review/${by.name}` },
      { type: 'dry-run-reviewed', dryRunId, planDigest: digest, note: note ?? null },
      'approval',
    );
  });
  return standingNow(store, step);
}
