import type { Role } from '../../domain/actor';
import { wordsOf } from '../../domain/attribution-words';
import type { Connection } from '../../domain/connection';
import { isApproved } from '../../domain/custody';
import { ENTITLEMENT_WORDS, type EntitlementWarning } from '../../domain/entitlement';
import { findingText } from '../../domain/finding';
import { awaitedAt, type Stage, stageShown } from '../../domain/stages';
import type { Behind } from '../../store/behind';
import type { KeysRecord, OrganizationRecord, StatusRecord } from '../../store/contract';
import { findingView } from '../shapes/finding';
import type { OrganizationView, StatusView } from '../shapes/organization';
import type { CredentialWarning } from '../shapes/references';
import { actionsFor } from './actions';
import { incidentView } from './incident';
import { keysView } from './keys';
import { failuresOf, type LastVerification } from './last-verification';
import { operationView } from './operation';

export const organizationView = ({ id, name, createdAt }: OrganizationRecord): OrganizationView => ({
  id,
  name,
  createdAt,
});

/** What is judged for the status, beside what the store has. */
interface Warnings {
  readonly credentials: readonly CredentialWarning[] | null;
  readonly order: EntitlementWarning | null;
}

/** What is answered about an organization, without Temporal, so that it's known while that is down. */
export function statusView(
  status: StatusRecord,
  verification: LastVerification | null,
  keys: KeysRecord,
  { credentials, order }: Warnings,
  role: Role,
  behind: Behind | null,
): Omit<StatusView, 'audit'> {
  const { organization, operation, custody, platformKey, incident, handoff } = status;
  return {
    organization: organizationView(organization),
    stage: shownStage(status),
    operation: operation === null ? null : operationView(operation),
    awaiting: awaited(status, verification),
    posture: status.posture === 'normal' && (credentials?.length || order) ? 'warning' : status.posture,
    custody: custody?.custody ?? null,
    currentVersion: custody?.currentVersion ?? null,
    sealing: custody?.sealing ?? false,
    connection: status.connection === null ? null : connectionView(status.connection),
    newConnection: status.newConnection === null ? null : connectionView(status.newConnection),
    verification:
      verification === null
        ? null
        : {
            at: verification.at,
            ledgerIndex: verification.ledgerIndex,
            findings: verification.findings.map((finding) => findingView(finding, findingText(finding))),
            trouble: troubleView(verification.trouble),
          },
    plan: planOf(status),
    platformKey:
      platformKey === null
        ? null
        : {
            keyRef: platformKey.keyRef,
            sealedAt: platformKey.sealedAt,
            destroyedAt: platformKey.destroyedAt,
          },
    keys: keysView(keys),
    incident: incident === null ? null : incidentView(incident),
    warnings: credentials === null ? null : [...credentials],
    entitlement: order && { orderRef: null, at: null, ...order, ...ENTITLEMENT_WORDS[order.state] },
    drift: status.drift.filter(({ aspect }) => aspect !== 'credential').map(driftView),
    handoff: handoff === null ? null : { contacts: [...handoff.contacts], runbook: [...handoff.runbook] },
    ledgerSize: status.ledgerSize,
    behind: behind === null ? null : behindView(behind),
    actions: actionsFor(status, role),
  };
}

function behindView({ relation, entries, signedEntries }: Behind) {
  return { relation, entries, signedEntries, ...wordsOf('LEDGER_BEHIND', 'operator') };
}

/** Credentials that end are among the warnings, with their dates. */
function driftView({ aspect, code, keyRef, owner, since }: StatusRecord['drift'][number]) {
  return { aspect, code, keyRef, owner, since, ...wordsOf(code, owner) };
}

/** `null` where no operation is open and no activation has gone live. */
function shownStage({ operation, custody }: StatusRecord): Stage | null {
  const isOpen = operation !== null && isApproved(operation.kind) && operation.stage !== 'closed';
  if (isOpen) return stageShown(operation.stage);
  return custody?.custody === 'customer' ? 'handoff' : null;
}

function troubleView(trouble: LastVerification['trouble']) {
  return trouble === null ? null : { ...wordsOf(trouble.code, trouble.owner), ...trouble };
}

function awaited(
  { operation, connection }: StatusRecord,
  verification: LastVerification | null,
): StatusView['awaiting'] {
  if (operation === null || !isApproved(operation.kind)) return null;
  const connectionId = operation.connectionId ?? connection?.id;
  const isOfThis = verification !== null && verification.connectionId === connectionId;
  const awaited = awaitedAt(
    operation.kind,
    operation.stage,
    isOfThis ? failuresOf(verification) : [],
    operation.approved,
  );
  return awaited === null ? null : { ...awaited, since: operation.stageSince };
}

function planOf({ operation, operatorApproved }: StatusRecord): StatusView['plan'] {
  if (operation?.planDigest == null || operation.dryRunId === null) return null;
  const { planDigest, dryRunId, reviewed, approved } = operation;
  return { digest: planDigest, dryRunId, reviewed, approved, operatorApproved };
}

function connectionView({ id, input, pinnedKeyRef }: Connection): NonNullable<StatusView['connection']> {
  return { id, input, pinnedKeyRef };
}
