import { randomBytes } from 'node:crypto';
import { canonicalJson, type JsonObject } from '../../domain/canonical';
import type { UnfencedChange } from '../../domain/change';
import { identityOf } from '../../domain/connection';
import { instantOf } from '../../domain/ids';
import { createCommerce } from '../../emulators/commerce/commerce';
import { WORKFLOW_TYPES } from '../../workflows/contract';
import { Approver } from './deployment/approver';
import { Arrangement } from './deployment/arrangement';
import { attackerOf } from './deployment/attacker';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { verdictOf } from './deployment/evidence';
import { codeOf } from './deployment/runs';
import { asSuperuser } from './deployment/sql';
import { QUICK, startWorkers } from './deployment/workers';

/**
 * A database superuser against what custody is decided on. The rows are as our own would be; what they lack is a
 * signature that leads to the commerce system or to the customer.
 */
let deployment: Deployment;
beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, { settings: QUICK });
});
afterAll(() => deployment?.close());

type Query = (text: string, values?: unknown[]) => Promise<unknown>;
const TABLES = ['signed_order', 'approval', 'approver_key', 'approver_removal', 'connection', 'operation'];
const forge = (work: (query: Query) => Promise<unknown>): Promise<void> =>
  asSuperuser(deployment.database.ownerUrl, async (query) => {
    for (const table of TABLES) await query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await work(query);
  });

/** Wraps under the customer's key since then. Only a verification's are of anything but workspace keys. */
const wraps = ({ cloud }: Arrangement, since: number) =>
  cloud.trail(since).filter(({ ours, call }) => ours && call === 'wrap');

/** Still where it was: platform custody, one key version, and nothing wrapped under the customer's key since. */
async function nothingGained(victim: Arrangement, since: number): Promise<void> {
  const { store } = deployment;
  const { id, name } = victim.organization;
  const status = await store.status(name);
  expect(status?.custody).toMatchObject({ custody: 'platform', currentVersion: 1 });
  expect((await store.liveEnvelopes(id)).map(({ custody }) => custody)).toEqual(['platform']);
  expect(wraps(victim, since)).toEqual([]);
}

const auditFinds = async ({ organization }: Arrangement, table: string): Promise<void> => {
  const rows = await deployment.store.auditRows();
  expect(rows.filter((row) => row.organization === organization.id).map((row) => row.table)).toContain(table);
};

const insertOrder = (organization: string, jws: string, seq = 1) =>
  forge((query) =>
    query(
      `INSERT INTO signed_order (organization_id, seq, jti, kind, order_ref, jws, expires_at, ledger_index)
       VALUES ($1, $2, $3, 'order', 'SO-1', $4, now() + interval '1 year', 0)`,
      [organization, seq, randomBytes(8).toString('hex'), jws],
    ),
  );

/** What somebody may commit who has taken over the API: the row, and its line in the ledger. */
const commitOrder = ({ organization }: Arrangement, jws: string, seq: number) =>
  deployment.store.commit({
    idempotencyKey: `order/${jws}`,
    actor: { kind: 'commerce', name: 'commerce' },
    fence: null,
    organization: organization.id,
    change: {
      type: 'order-accepted',
      ...{ jws, orderRef: 'SO-1', jti: randomBytes(8).toString('hex'), seq, kind: 'order' },
      exp: instantOf(4_000_000_000_000),
    },
  });

describe('an order that commerce didn’t sign entitles nobody, also where it is in the ledger', () => {
  let victim: Arrangement;
  let seq = 0;
  let request: { aud: string; org: string; orderRef: string; thumbprint: string };
  beforeAll(async () => {
    victim = await Arrangement.create(deployment, 'no-order');
    const aud = deployment.runtime.config.deployment;
    const { thumbprint } = victim.approver;
    request = { aud, org: victim.organization.id, orderRef: 'SO-1', thumbprint };
  });

  test.each([
    [
      'signed by another commerce system',
      'ORDER_SIGNATURE_INVALID',
      async () => {
        const { jws } = await (await createCommerce()).sign(request);
        return jws;
      },
    ],
    [
      'truly signed for another organization',
      'ORDER_FOREIGN',
      async () => {
        const org = '00000000-0000-4000-8000-000000000000';
        return (await deployment.outside.commerce.sign({ ...request, org })).jws;
      },
    ],
    ['signed by nobody', 'ORDER_MALFORMED', async () => 'e30.e30.e30'],
  ])('%s: %s', async (_, code, make) => {
    const since = victim.cloud.lastSequence();
    const { client } = deployment;
    seq += 1;
    await commitOrder(victim, await make(), seq);
    const run = client.workflow.execute(WORKFLOW_TYPES.activateCustomerKey, await victim.startOptions());
    await expect(run.catch(codeOf)).resolves.toBe(code);
    const { operation } = (await deployment.store.status(victim.organization.name)) ?? {};
    expect(operation).toMatchObject({ kind: 'activate', stage: 'closed', outcome: 'refused', reason: code });
    await nothingGained(victim, since);
  });
});

test('an order row that the ledger doesn’t name is inert, even one that commerce signed', async () => {
  const victim = await Arrangement.create(deployment, 'only-a-row');
  const { jws } = await deployment.outside.commerce.sign({
    aud: deployment.runtime.config.deployment,
    org: victim.organization.id,
    orderRef: 'SO-1',
    thumbprint: victim.approver.thumbprint,
  });
  await insertOrder(victim.organization.id, jws);
  const { client } = deployment;
  const run = client.workflow.execute(WORKFLOW_TYPES.activateCustomerKey, await victim.startOptions());
  await expect(run.catch(codeOf)).resolves.toBe('ORDER_MISSING');
  await auditFinds(victim, 'signed_order');
});

/** A second key, enrolled by the first, then removes it: as the API records it. */
async function replaceKey({ organization, approver }: Arrangement): Promise<void> {
  const second = await Approver.make();
  const about = { deployment: deployment.runtime.config.deployment, org: organization.id };
  const record = (change: UnfencedChange) =>
    deployment.store.commit({
      idempotencyKey: randomBytes(8).toString('hex'),
      actor: { kind: 'customer-admin', name: 'admin' },
      fence: null,
      organization: organization.id,
      change,
    });
  const { publicJwk, thumbprint: credentialId } = second;
  const enrolment = await approver.enrols({ ...about, action: 'enrol', publicJwk: { ...publicJwk } });
  const enrolledAt = await deployment.store.now();
  await record({
    type: 'approver-enrolled',
    key: { credentialId, publicJwk, role: 'customer-admin', enrolledAt, removedAt: null, enrolment },
    by: { kind: 'approver', credentialId: approver.thumbprint },
  });
  await record({
    type: 'approver-removed',
    credentialId: approver.thumbprint,
    by: { kind: 'approver', credentialId },
    enrolment: await second.enrols({ ...about, action: 'remove', removes: approver.thumbprint }),
  });
}

test('a removed key whose removal’s row is gone still approves nothing, and the bundle tells of it', async () => {
  const victim = await Arrangement.create(deployment, 'removed');
  await victim.reach('approval');
  await replaceKey(victim);
  const rowless = () =>
    forge((query) =>
      query('DELETE FROM approver_removal WHERE organization_id = $1', [victim.organization.id]),
    );
  // Before its row is gone: the enrolment and the removal are proved by what was signed.
  expect(await verdictOf(victim)).toMatchObject({ verdict: 'verified', findings: [] });
  await rowless();
  await expect(victim.approve().catch(codeOf)).resolves.toBe('APPROVAL_KEY_REMOVED');
  await auditFinds(victim, 'approver_removal');
  expect((await verdictOf(victim)).findings.map(({ code }) => code)).toContain('EVIDENCE_MISSING');
});

/** As `store.commit` would have written it. */
async function insertApproval(each: Arrangement, signer: Approver): Promise<void> {
  const plan = await each.plan();
  const evidence = canonicalJson((await signer.approves(plan)) as unknown as JsonObject);
  await forge(async (query) => {
    await query(
      `INSERT INTO approval (organization_id, nonce, operation_id, dry_run_id, plan_digest, decision, credential_id,
         expires_at, evidence, ledger_index)
       VALUES ($1, $2, $3, $4, $5, 'approve', $6, now() + interval '1 hour', $7, 0)`,
      [
        ...[
          plan.org,
          randomBytes(24).toString('base64url'),
          plan.operationId,
          plan.dryRunId,
          plan.planDigest,
        ],
        ...[signer.thumbprint, evidence],
      ],
    );
    await query(`UPDATE operation SET stage = 'live' WHERE id = $1`, [plan.operationId]);
  });
}

const insertKey = (each: Arrangement, { thumbprint, publicJwk }: Approver) =>
  forge((query) =>
    query(
      `INSERT INTO approver_key (organization_id, credential_id, public_x, role, enrolled_at, ledger_index)
       VALUES ($1, $2, $3, 'customer-admin', now(), 0)`,
      [each.organization.id, thumbprint, publicJwk.x],
    ),
  );

/** Has the run read the forged rows anew, launches live, and answers with what stopped it. */
async function launchedAnew(each: Arrangement): Promise<string> {
  const { planDigest } = await each.plan();
  await each.handle.terminate('by a test');
  await each.start();
  await each.untilAt('live');
  const sent = await each.send('launchLive', { planDigest }).then(() => null, codeOf);
  if (sent !== null) return sent;
  const { trouble } = await each.until((status) => status.trouble !== null);
  return trouble?.code ?? 'none';
}

test('a key row that no order and no enrolled key leads to approves nothing', async () => {
  const victim = await Arrangement.create(deployment, 'forged-key');
  await victim.reach('approval');
  const attacker = await Approver.make();
  await insertKey(victim, attacker);
  const evidence = await attacker.approves(await victim.plan());
  await expect(victim.approve(evidence).catch(codeOf)).resolves.toBe('APPROVAL_KEY_UNKNOWN');
  expect((await victim.status()).stage).toBe('approval');
  // Nor does the true key’s row with another public key in it: the key is the ledger’s.
  await forge((query) =>
    query('UPDATE approver_key SET public_x = $2 WHERE organization_id = $1 AND credential_id = $3', [
      ...[victim.organization.id, attacker.publicJwk.x, victim.approver.thumbprint],
    ]),
  );
  const { thumbprint } = victim.approver;
  const inItsName = await attacker.approves(await victim.plan(), { credentialId: thumbprint });
  await expect(victim.approve(inItsName).catch(codeOf)).resolves.toBe('APPROVAL_KEY_UNKNOWN');
  expect((await victim.entryTypes()).filter((type) => type === 'approval-accepted')).toEqual([]);
  await expect(victim.approve()).resolves.toMatchObject({ action: 'approve' });
  await auditFinds(victim, 'approver_key');
});

describe.each(PROVIDERS)('%s', (provider) => {
  const created = (name: string): Promise<Arrangement> =>
    Arrangement.create(deployment, `${name}-${provider.split('-')[0]}`, provider);

  test('a withdrawal whose row is gone still withdraws', async () => {
    const victim = await created('withdrawn');
    await victim.reach('live');
    await victim.order({ kind: 'withdrawal' });
    await forge((query) =>
      query(`DELETE FROM signed_order WHERE organization_id = $1 AND kind = 'withdrawal'`, [
        victim.organization.id,
      ]),
    );
    const since = victim.cloud.lastSequence();
    expect(await launchedAnew(victim)).toBe('LEDGER_MISMATCH');
    await nothingGained(victim, since);
    await auditFinds(victim, 'signed_order');
  });

  test('an approval row without the customer’s signature launches nothing', async () => {
    const victim = await created('unsigned');
    await victim.reach('approval');
    const since = victim.cloud.lastSequence();
    await insertApproval(victim, await Approver.make());
    expect(await launchedAnew(victim)).toBe('APPROVAL_KEY_UNKNOWN');
    await nothingGained(victim, since);
    await auditFinds(victim, 'approval');
  });

  test('nor with a key row of its own beside it', async () => {
    const victim = await created('key-too');
    await victim.reach('approval');
    const since = victim.cloud.lastSequence();
    const attacker = await Approver.make();
    await insertKey(victim, attacker);
    await insertApproval(victim, attacker);
    expect(await launchedAnew(victim)).toBe('APPROVAL_KEY_UNKNOWN');
    await nothingGained(victim, since);
    await auditFinds(victim, 'approver_key');
  });

  test('a connection row altered after the approval: live workspace keys are wrapped under nobody’s key', async () => {
    const victim = await created('altered');
    await victim.reach('live');
    const attacker = await attackerOf(victim);
    const before = attacker.calls();
    const input = attacker.cloud.customer.connection();
    await forge((query) =>
      query('UPDATE connection SET input = $2, key = $3, identity = $4 WHERE organization_id = $1', [
        ...[
          victim.organization.id,
          canonicalJson(input as unknown as JsonObject),
          input.key,
          identityOf(input),
        ],
      ]),
    );
    const since = victim.cloud.lastSequence();
    expect(await launchedAnew(victim)).toBe('PLAN_CHANGED');
    await nothingGained(victim, since);
    expect(attacker.calls()).toBe(before);
    await auditFinds(victim, 'connection');
  });

  test('the same steps with true signatures do wrap both versions, and leave nothing unexplained', async () => {
    const honest = await created('honest');
    await honest.reach('live');
    const since = honest.cloud.lastSequence();
    await honest.reach('handoff');
    expect(wraps(honest, since)).toHaveLength(2);
    const rows = await deployment.store.auditRows();
    expect(rows.filter(({ organization }) => organization === honest.organization.id)).toEqual([]);
  });
});

test('an order that was deleted is missed', async () => {
  const victim = await Arrangement.create(deployment, 'deleted');
  await victim.order();
  await victim.order({ kind: 'withdrawal' });
  await forge((query) =>
    query(`DELETE FROM signed_order WHERE organization_id = $1 AND kind = 'withdrawal'`, [
      victim.organization.id,
    ]),
  );
  await auditFinds(victim, 'signed_order');
});
