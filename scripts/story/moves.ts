import { createPrivateKey, randomBytes } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { ApiRefused } from '../../api/client';
import { APPROVAL_TYP } from '../../domain/approval';
import { canonicalJson, type JsonObject } from '../../domain/canonical';
import { type Plan, planDigest } from '../../domain/plan';
import type { Cast } from './cast';
import { newestEntry } from './ledger-entry';
import { publicHalf } from './order';
import { patiently } from './patiently';
import { until } from './until';

/** What people do to move an operation that they approve, whatever its kind. */

const AN_HOUR_S = 3600;

export async function planAndReview({ org, support }: Cast): Promise<void> {
  const { operation, plan: earlier } = await until(
    support,
    org,
    'the dry-run stage',
    (status) => status.operation?.stage === 'dry-run',
  );
  const operationId = operation?.id ?? '';
  if (earlier === null)
    await patiently((repeat) => support.launchDryRun(org, { operationId, dryRun: true }, repeat));
  const { plan } = await until(support, org, 'the plan', (status) => status.plan !== null);
  const message = {
    ...{ operationId, planDigest: plan?.digest ?? '' },
    note: 'right organization, right key, right provider',
  };
  await patiently((repeat) => support.reviewDryRun(org, message, repeat));
}

/** The customer signs the plan that the API shows, once it has recomputed its digest. */
export async function customerApproves({ org, admin, support, approvalKey }: Cast): Promise<void> {
  const { operation } = await until(
    support,
    org,
    'the approval stage',
    (status) => status.operation?.stage === 'approval',
  );
  const answer = await admin.plan(org);
  const digest = planDigest(answer.plan as unknown as Plan);
  if (digest !== answer.digest) throw new Error('the plan isn’t what its digest says');
  const thumbprint = await calculateJwkThumbprint(publicHalf(approvalKey));
  const payload: JsonObject = {
    type: 'smsk-approval/v1',
    deployment: answer.deployment,
    org: answer.organizationId,
    operationId: operation?.id ?? '',
    dryRunId: answer.dryRunId,
    planDigest: digest,
    decision: 'approve',
    role: 'customer-admin',
    credentialId: thumbprint,
    nonce: randomBytes(24).toString('base64url'),
    exp: Math.floor(Date.now() / 1000) + AN_HOUR_S,
  };
  const jws = await new CompactSign(Buffer.from(canonicalJson(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: APPROVAL_TYP, kid: thumbprint })
    .sign(createPrivateKey(approvalKey));
  const message = {
    operationId: operation?.id ?? '',
    decision: 'approve',
    planDigest: digest,
    evidence: { kind: 'jws', jws },
  } as const;
  await patiently((repeat) => admin.decide(org, message, repeat));
}

/** Returns once the handoff is awaited. @param since the operation's first entry */
export async function launch({ org, support }: Cast, since: number): Promise<void> {
  const { plan, operation } = await until(support, org, 'the live stage', (status) => status.plan !== null);
  const launched = ((await newestEntry(support, org, 'live-launched')) ?? -1) > since;
  if (operation?.stage === 'live' && !launched) {
    const message = { operationId: operation.id, planDigest: plan?.digest ?? '' };
    await patiently((repeat) => support.launchLive(org, message, repeat));
  }
  await until(support, org, 'the handoff stage', (status) => status.operation?.stage === 'handoff');
}

export async function handOff({ org, adminName, support }: Cast): Promise<void> {
  const { operation } = await support.status(org);
  const message = {
    operationId: operation?.id ?? '',
    contacts: [
      { name: `${adminName} of ${org}`, email: `${adminName}@${org}.example`, duty: 'key-owner' as const },
      { name: 'Security desk', email: `security@${org}.example`, duty: 'security' as const },
    ],
    runbook: [`https://wiki.${org}.example/self-managed-keys`],
  };
  await patiently((repeat) => support.recordHandoff(org, message, repeat));
  await until(support, org, 'the end', (status) => status.operation?.outcome === 'completed');
}

/** The story was interrupted between the start and what it leads to. */
export function unlessOpen(error: unknown): void {
  if (!(error instanceof ApiRefused) || error.problem.code !== 'OPERATION_OPEN') throw error;
}
