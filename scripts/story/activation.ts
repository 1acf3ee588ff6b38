import { ApiRefused, type Client } from '../../api/client';
import { adviceFor } from './advice';
import type { Cast } from './cast';
import { newestEntry } from './ledger-entry';
import { customerApproves, handOff, launch, planAndReview, unlessOpen } from './moves';
import { publicHalf, signedOrder } from './order';
import { patiently } from './patiently';
import type { Chapter } from './report';
import type { Services } from './services';
import { stagesSince } from './stages';
import { until } from './until';
import { wordsOf } from './words';

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

  const stage = stagesSince(chapter, cast, 0);
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
    () => planAndReview(cast),
  );
  await stage(
    'approval',
    'approval-accepted',
    `${adminName} recomputed the plan’s digest and signed it`,
    () => customerApproves(cast),
  );
  await stage(
    'live',
    'live-entered',
    're-wrapped, switched, platform key disabled and proved dead, its envelopes erased',
    () => launch(cast, 0),
  );
  await stage('handoff', 'handoff-recorded', 'support recorded escalation contacts and runbook', () =>
    handOff(cast),
  );
}
