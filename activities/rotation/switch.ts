import { ProviderFailure, Refusal } from '../../domain/failure';
import { instantOf, msOf } from '../../domain/ids';
import type { RotationFacts } from '../../store/contract';
import { custodyInUse, demandSigned } from '../custody-in-use';
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
  const custody = await statements.custody(custodyStatement);
  const isLive =
    custody.organization === organization.id &&
    custody.keyRef === launched.from &&
    Object.keys(custody.envelopes).length === live.length &&
    live.every(({ version, wrappedSha256 }) => custody.envelopes[String(version)] === wrappedSha256);
  if (!isLive) throw new ProviderFailure('STATEMENT_INVALID');
  for (const envelope of live) {
    await demandSigned(
      statements,
      { organization: organization.id, operationId: envelope.operationId },
      envelope,
    );
  }
  for (const envelope of staged) {
    await demandSigned(statements, { organization: organization.id, operationId }, envelope);
  }
}

/**
 * The end: what the switch has superseded is erased, and the entry says which versions of the customer's key nothing
 * live needs any more, and until when a backup of ours may.
 */
export async function eraseSuperseded(
  { store, settings }: Pick<CustodyDeps, 'store' | 'settings'>,
  step: Step,
): Promise<Standing> {
  const { id } = step.organization;
  const superseded = await store.supersededEnvelopes(id);
  const inUse = new Set((await store.liveEnvelopes(id)).map(({ keyRef }) => keyRef));
  const retired = [...new Set(superseded.map(({ keyRef }) => keyRef))].filter((each) => !inUse.has(each));
  const envelopes = superseded.map(({ version, wrappedSha256, keyRef }) => ({
    version,
    wrappedSha256,
    keyRef,
  }));
  const backupsExpireAt = instantOf(msOf(await store.now()) + settings.backupRetentionDays * 86_400_000);
  await commitStep(
    store,
    step,
    { type: 'superseded-envelopes-erased', envelopes, retired, backupsExpireAt },
    'closed',
    { closing: { outcome: 'completed', reason: null } },
  );
  return standingNow(store, step);
}
