import { Refusal } from '../../domain/failure';
import type { CustodyDeps } from '../deps';
import { type Asked, carryOut } from '../sender';
import { commitAs, type Standing, standingNow } from '../step';
import { demandOperator, offboardingPlan } from './approved';

/**
 * The operator's approval of what the customer has signed: the message's own token is the word for it, over this
 * operation's very plan, and is kept.
 * @throws Refusal FORBIDDEN, PLAN_UNKNOWN, PLAN_EXPIRED, SECOND_PERSON_NEEDED, APPROVAL_MISSING; each is in the ledger
 */
export async function judgeOperatorApproval(
  deps: Pick<CustodyDeps, 'store' | 'authority'>,
  step: Asked,
): Promise<Standing> {
  const { store, authority } = deps;
  const { operationId, sent } = step;
  await carryOut(deps, step, 'approveOffboarding', 'approval', async ({ planDigest }, { actor, name }) => {
    const record = await store.dryRun(operationId, 'current');
    const plan = offboardingPlan(record?.plan, planDigest);
    if (plan.expiresAt <= (await store.now())) throw new Refusal('PLAN_EXPIRED');
    const proof = typeof sent.payload['actor'] === 'string' ? sent.payload['actor'] : null;
    await demandOperator(authority, plan, proof);
    if (proof === null) throw new Refusal('OPERATOR_APPROVAL_MISSING');
    if (!(await standingNow(store, step)).approved) throw new Refusal('APPROVAL_MISSING');
    const { dryRunId } = plan;
    await commitAs(
      store,
      step,
      { actor, name: `operator-approval/${name}` },
      { type: 'operator-approved', planDigest, dryRunId, by: actor.name, proof },
      'live',
    );
  });
  return standingNow(store, step);
}
