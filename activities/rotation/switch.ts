import { Refusal } from '../../domain/failure';
import type { RotationFacts } from '../../store/contract';
import { custodyInUse, demandInUse, demandSigned } from '../custody-in-use';
import type { CustodyDeps } from '../deps';
import { bySystem, recordingRefusals } from '../refusals';
import { commitStep, type Place, type Standing, type Step, standingNow } from '../step';

type Deps = Pick<CustodyDeps, 'store' | 'statements'>;

/**
 * One transaction makes the staged envelopes the live ones, under a custody statement of this rotation's epoch. Until
 * it every read goes by the former ones, after it by these; there's nothing between.
 * @throws Refusal PLAN_CHANGED; ProviderFailure STATEMENT_INVALID; then nothing has changed
 */
export async function switchRotation(deps: Deps, step: Step): Promise<Standing> {
  const { store } = deps;
  const { organization, operationId } = step;
  await recordingRefusals(
    store,
    { organization: organization.id, subject: 'rotation' },
    bySystem,
    async () => {
      const { launched } = await store.rotation(organization.id, operationId);
      if (launched === null) throw new Refusal('STAGE_MISMATCH');
      const { statement } = await custodyInUse(deps, step);
      const currentVersion = launched.mint ?? statement.currentVersion;
      await commitStep(
        store,
        step,
        { type: 'custody-switched', custody: 'customer', planDigest: null, currentVersion },
        'sealing',
        { rotationGuard: (facts) => judgeRotation(deps, step, facts) },
      );
    },
  );
  return standingNow(store, step);
}

/** The rows agree with each other, says the store; here they are what was signed. */
async function judgeRotation(
  { statements }: Deps,
  { organization, operationId }: Place,
  { custodyStatement, launched, live, staged }: RotationFacts,
): Promise<void> {
  await demandInUse(statements, organization.id, launched.from, { custodyStatement, live });
  for (const envelope of staged) {
    await demandSigned(statements, { organization: organization.id, operationId }, envelope);
  }
}
