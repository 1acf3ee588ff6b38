import { createPrivateKey, randomBytes } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { ApiRefused, type Client } from '../../api/client';
import { APPROVAL_TYP } from '../../domain/approval';
import { canonicalJson, type JsonObject } from '../../domain/canonical';
import type { ChangeType } from '../../domain/change';
import { type Plan, planDigest } from '../../domain/plan';
import { adviceFor } from './advice';
import type { Cast } from './cast';
import { newestEntry } from './ledger-entry';
import { publicHalf, signedOrder } from './order';
import { patiently } from './patiently';
import type { Chapter } from './report';
import type { Services } from './services';
import { until } from './until';
import { wordsOf } from './words';

const AN_HOUR_S = 3600;

/** Creates the organization: its first workspace key is under platform custody. */
export async function createOrganization(chapter: Chapter, support: Client, org: string): Promise<void> {
  await chapter.step(org, 'organization', async () => {
    const known = await support.organizations();
    const done = known.organizations.some(({ name }) => name === org);
    if (!done) await patiently(() => created(support, org));
    await until(support, org, 'platform custody', (status) => status.custody !== null);
    const entry = await newestEntry(support, org, 'custody-switched');
    return {
      words: 'support created it; workspace key version 1 is under a platform key of its own',
      entry: done ? 4 : entry,
      done,
    };
  });
}

/** A request whose answer was late may have created it: then the one that repeats it finds it there. */
async function created(support: Client, org: string): Promise<void> {
  try {
    await support.createOrganization(org);
  } catch (error) {
    const isThere = error instanceof ApiRefused && error.problem.code === 'ORGANIZATION_EXISTS';
    if (!isThere) throw error;
  }
}

/** From the signed order to the handoff: one step a stage, each skipped where its entry is in the ledger already. */
export async function activate(chapter: Chapter, services: Services, cast: Cast): Promise<void> {
  const { org, adminName, orderRef, support, admin, customer } = cast;
  const words = wordsOf(customer.provider);
  const publicJwk = publicHalf(cast.approvalKey);
  const thumbprint = await calculateJwkThumbprint(publicJwk);

  /** Plays a step unless its entry is in the ledger. */
  const stage = (name: string, type: ChangeType, said: string | (() => string), play: () => Promise<void>) =>
    chapter.step(org, name, async () => {
      const before = await newestEntry(support, org, type);
      if (before === null) await play();
      const words = typeof said === 'string' ? said : said();
      return { words, entry: before ?? (await newestEntry(support, org, type)), done: before !== null };
    });

  const operationId = async () => (await support.status(org)).operation?.id ?? '';

  await stage(
    'entitlement',
    'entitlement-confirmed',
    `commerce signed order ${orderRef}, support entered it; ${adminName} enrolled the key the order names`,
    async () => {
      if ((await newestEntry(support, org, 'order-accepted')) === null) {
        await support.submitOrder(org, await signedOrder(services, cast));
      }
      await admin.enrolFirstApprover(org, publicJwk);
      await patiently(() => support.startActivation(org).catch(unlessOpen));
      await until(support, org, 'the entitlement', (status) => status.operation?.stage === 'setup');
    },
  );

  await stage(
    'setup',
    'connection-submitted',
    () => words.setUp(adminName, customer.key()),
    async () => {
      await customer.setUp(adviceFor(admin, org));
      const message = { operationId: await operationId(), connection: customer.connection() } as const;
      await patiently((repeat) => admin.submitConnection(org, message, repeat));
    },
  );

  await stage('verification', 'verification-recorded', words.verified, async () => {
    const status = await until(support, org, 'a verification', ({ verification }) => verification !== null);
    const failed = status.verification?.findings.filter(({ result }) => result !== 'ok') ?? [];
    if (failed.length > 0) throw new Error(`the verification isn't clean: ${JSON.stringify(failed)}`);
  });

  await stage(
    'dry-run',
    'dry-run-reviewed',
    'support launched it with dryRun: true and reviewed it: nothing changed',
    async () => {
      await until(support, org, 'the dry-run stage', ({ operation }) => operation?.stage === 'dry-run');
      if ((await newestEntry(support, org, 'dry-run-recorded')) === null) {
        const message = { operationId: await operationId(), dryRun: true } as const;
        await patiently((repeat) => support.launchDryRun(org, message, repeat));
      }
      const { plan } = await until(support, org, 'the plan', (status) => status.plan !== null);
      const message = {
        operationId: await operationId(),
        planDigest: plan?.digest ?? '',
        note: 'right organization, right key, right provider',
      } as const;
      await patiently((repeat) => support.reviewDryRun(org, message, repeat));
    },
  );

  await stage(
    'approval',
    'approval-accepted',
    `${adminName} recomputed the plan’s digest and signed it`,
    async () => {
      const { operation } = await until(
        support,
        org,
        'the approval stage',
        (status) => status.operation?.stage === 'approval',
      );
      const answer = await admin.plan(org);
      const digest = planDigest(answer.plan as unknown as Plan);
      if (digest !== answer.digest) throw new Error('the plan isn’t what its digest says');
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
        .sign(createPrivateKey(cast.approvalKey));
      const message = {
        operationId: operation?.id ?? '',
        decision: 'approve',
        planDigest: digest,
        evidence: { kind: 'jws', jws },
      } as const;
      await patiently((repeat) => admin.decide(org, message, repeat));
    },
  );

  await stage(
    'live',
    'live-entered',
    're-wrapped, switched, platform key disabled and proved dead, its envelopes erased',
    async () => {
      const { plan, operation } = await until(
        support,
        org,
        'the live stage',
        (status) => status.plan !== null,
      );
      const launched = (await newestEntry(support, org, 'live-launched')) !== null;
      if (operation?.stage === 'live' && !launched)
        await patiently((repeat) =>
          support.launchLive(
            org,
            {
              operationId: operation.id,
              planDigest: plan?.digest ?? '',
            },
            repeat,
          ),
        );
      await until(support, org, 'the handoff stage', (status) => status.operation?.stage === 'handoff');
    },
  );

  await stage('handoff', 'handoff-recorded', 'support recorded escalation contacts and runbook', async () => {
    const message = {
      operationId: await operationId(),
      contacts: [
        { name: `${adminName} of ${org}`, email: `${adminName}@${org}.example`, duty: 'key-owner' as const },
        { name: 'Security desk', email: `security@${org}.example`, duty: 'security' as const },
      ],
      runbook: [`https://wiki.${org}.example/self-managed-keys`],
    };
    await patiently((repeat) => support.recordHandoff(org, message, repeat));
    await until(support, org, 'the end', (status) => status.operation?.outcome === 'completed');
  });
}

/** The story was interrupted between the start and what it leads to. */
function unlessOpen(error: unknown): void {
  if (!(error instanceof ApiRefused) || error.problem.code !== 'OPERATION_OPEN') throw error;
}
