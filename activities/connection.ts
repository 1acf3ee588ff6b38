import { type Actor, SYSTEM } from '../domain/actor';
import { type Connection, connectionDigest } from '../domain/connection';
import { Refusal } from '../domain/failure';
import { type Finding, isClean } from '../domain/finding';
import type { ConnectionId } from '../domain/ids';
import type { CustodyDeps } from './deps';
import { verifiedOnRecord } from './impeded';
import { bySystem, recordingRefusals } from './refusals';
import { type Asked, carryOut, type Sent } from './sender';
import { type By, bodyOf, commitAs, type Place, type Standing, type Step, standingNow } from './step';

/**
 * Stage `setup`, or any later one before the switch: records what the customer entered, as a new connection. Whose
 * role and key they are is the verification's to find out: to name them proves nothing.
 */
export async function recordConnection(
  deps: Pick<CustodyDeps, 'store' | 'authority'>,
  step: Asked & { readonly connectionId: ConnectionId },
): Promise<Standing> {
  const { store } = deps;
  const { organization, connectionId } = step;
  await carryOut(deps, step, 'submitConnection', 'connection', async ({ connection: input }, by) => {
    const record = await store.organizationByName(organization.name);
    if (record === null) throw new Refusal('ORGANIZATION_UNKNOWN');
    const digest = connectionDigest(organization.id, record.externalId, input);
    await commitAs(
      store,
      step,
      { ...by, name: `connection/${by.name}` },
      { type: 'connection-submitted', connectionId, input, digest },
      'verification',
    );
  });
  return standingNow(store, step);
}

export interface Verified {
  readonly standing: Standing;
  readonly findings: readonly Finding[];
}

type Deps = Pick<CustodyDeps, 'store' | 'authority' | 'verifier' | 'controlProbe' | 'settings' | 'logger'>;
/** Asked for by a message, or by nobody: the operation's own, after a new connection or a key service's refusal. */
type VerificationStep = Step & { readonly sent: Sent | null };

/**
 * Probes the connection and records the findings; clean ones lead on to the dry-run, others back.
 * @throws Refusal CONNECTION_IN_USE where they are clean, and another organization proved its access before
 * @throws AttributedFailure where nothing could be found, which is on record then
 */
export async function verifyConnection(deps: Deps, step: VerificationStep): Promise<Verified> {
  const { store } = deps;
  const { organization, sent, key } = step;
  const findings =
    sent === null
      ? await recordingRefusals(
          store,
          { organization: organization.id, subject: 'verification' },
          bySystem,
          () => probe(deps, step, { actor: SYSTEM, name: `system/${key}` }),
        )
      : await carryOut(deps, { ...step, sent }, 'runVerification', 'verification', (_message, by) =>
          probe(deps, step, by),
        );
  return { standing: await standingNow(store, step), findings };
}

async function probe(deps: Deps, step: Place, by: By): Promise<readonly Finding[]> {
  const { store } = deps;
  const connection = await connectionOf(store, step);
  const { findings, keyRef, canary } = await verifiedOnRecord(deps, step, by, connection);
  const { id: connectionId } = connection;
  const isClear = isClean(findings);
  const changesNothing = isClear && keyRef === connection.pinnedKeyRef && !mayVoid(by.actor, step);
  const committed =
    changesNothing && keyRef !== null
      ? await commitAs(
          store,
          step,
          { ...by, name: `verification-repeated/${by.name}` },
          { type: 'verification-repeated', connectionId, findings, keyRef },
          step.stage,
        )
      : await commitAs(
          store,
          step,
          { ...by, name: `verification/${by.name}` },
          { type: 'verification-recorded', connectionId, findings, keyRef, canary },
          isClear ? 'dry-run' : 'verification',
        );
  return bodyOf(committed)['findings'] as Finding[];
}

/**
 * A verification that is recorded voids plan, review and approval. Past its stage, that is for those we know: whoever
 * can reach the Temporal UI could else keep an activation from ever going live, though nothing has changed.
 */
const mayVoid = ({ kind }: Actor, { stage }: Place): boolean =>
  stage === 'verification' || (kind !== 'temporal:unverified' && kind !== 'system');

/** The connection the operation stands on now. @throws Refusal VERIFICATION_MISSING */
export async function connectionOf(
  store: CustodyDeps['store'],
  step: Omit<Place, 'stage'>,
): Promise<Connection> {
  const { connectionId } = await standingNow(store, step);
  const connection = connectionId === null ? null : await store.connection(connectionId);
  if (connection === null) throw new Refusal('VERIFICATION_MISSING');
  return connection;
}
