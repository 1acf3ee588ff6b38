import { type ConnectionInput, connectionDigest } from '../domain/connection';
import { Refusal } from '../domain/failure';
import { type Finding, isClean } from '../domain/finding';
import type { ConnectionId } from '../domain/ids';
import type { CustodyDeps } from './deps';
import { callSignal } from './edge';
import { recordingRefusals } from './refusals';
import { bodyOf, commitStep, type Standing, type Step, standingNow } from './step';

/**
 * Stage `setup`, or any later one before the switch: records what the customer entered, as a new connection. Whose
 * role and key they are is the verification's to find out: to name them proves nothing.
 */
export async function recordConnection(
  { store }: Pick<CustodyDeps, 'store'>,
  step: Step & { readonly connectionId: ConnectionId; readonly input: ConnectionInput },
): Promise<Standing> {
  const { organization, actor, connectionId, input } = step;
  await recordingRefusals(
    store,
    { organization: organization.id, subject: 'connection', actor },
    async () => {
      const record = await store.organizationByName(organization.name);
      if (record === null) throw new Refusal('ORGANIZATION_UNKNOWN');
      const digest = connectionDigest(organization.id, record.externalId, input);
      await commitStep(
        store,
        step,
        { type: 'connection-submitted', connectionId, input, digest },
        'verification',
      );
    },
  );
  return standingNow(store, step);
}

export interface Verified {
  readonly standing: Standing;
  readonly findings: readonly Finding[];
}

/**
 * Probes the connection and records the findings; clean ones lead on to the dry-run, others back.
 * @throws Refusal CONNECTION_IN_USE where they are clean, and another organization proved its access before
 */
export async function verifyConnection(
  { store, verifier, settings }: Pick<CustodyDeps, 'store' | 'verifier' | 'settings'>,
  step: Step & { readonly connectionId: ConnectionId },
): Promise<Verified> {
  const connection = await connectionOf(store, step.connectionId);
  const { findings, keyRef, canary } = await verifier.verify(connection, callSignal(settings.verificationMs));
  const about = { organization: step.organization.id, subject: 'verification', actor: step.actor } as const;
  const committed = await recordingRefusals(store, about, () =>
    commitStep(
      store,
      step,
      { type: 'verification-recorded', connectionId: connection.id, findings, keyRef, canary },
      isClean(findings) ? 'dry-run' : 'verification',
    ),
  );
  return { standing: await standingNow(store, step), findings: bodyOf(committed)['findings'] as Finding[] };
}

export async function connectionOf(store: CustodyDeps['store'], id: ConnectionId) {
  const connection = await store.connection(id);
  if (connection === null) throw new Refusal('VERIFICATION_MISSING');
  return connection;
}
