import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { REQUEST_CODES, type RequestCode } from '../../domain/codes';
import { type OperationStatus, WORKFLOW_TYPES } from '../../workflows/contract';
import { type Answer, type Caller, type OpenApi, openApi } from './deployment/api';
import { Approver } from './deployment/approver';
import { Arrangement, signed } from './deployment/arrangement';
import { openCipher } from './deployment/cipher';
import { type Deployment, openDeployment } from './deployment/deployment';
import { codeOf } from './deployment/runs';
import { QUICK, startWorkers } from './deployment/workers';

/** Each is answered with a code that names what to mend, changes nothing, and is in the ledger. */
let deployment: Deployment;
let api: OpenApi;
let support: Caller;
beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, { settings: QUICK });
  api = await openApi(deployment, (await openCipher(deployment)).cipher);
  support = await api.as('support');
});
afterAll(() => deployment?.close());

const created = (name: string) => Arrangement.create(deployment, name);

/** That code, with words; the ledger has nothing new but the refusal, under that subject. */
async function refusedAndRecorded(
  each: Arrangement,
  subject: string,
  code: RequestCode,
  send: () => Promise<Answer>,
): Promise<void> {
  const before = await each.entries();
  const status = await deployment.store.status(each.organization.name);
  const answer = await send();
  expect(answer.body).toMatchObject({ code, remedy: REQUEST_CODES[code].remedy });
  expect(answer.status).toBe(REQUEST_CODES[code].status);
  const added = (await each.entries()).slice(before.length);
  expect(added.map(({ type, body }) => ({ type, ...body }))).toMatchObject([
    { type: 'refusal', subject, code },
  ]);
  const after = await deployment.store.status(each.organization.name);
  expect(after).toEqual({ ...status, ledgerSize: after?.ledgerSize });
}

describe('orders', () => {
  const claims = (each: Arrangement) => ({
    aud: deployment.runtime.config.deployment,
    org: each.organization.id,
    orderRef: 'SO-1',
    thumbprint: each.approver.thumbprint,
  });
  const past = Math.floor(Date.now() / 1000) - 10;
  const sign = async (request: Parameters<Deployment['outside']['commerce']['sign']>[0]) =>
    (await deployment.outside.commerce.sign(request)).jws;
  const CASES: readonly (readonly [string, RequestCode, (each: Arrangement) => Promise<string>])[] = [
    ['malformed', 'ORDER_MALFORMED', async () => 'e30.e30.e30'],
    ['expired', 'ORDER_EXPIRED', (each) => sign({ ...claims(each), exp: past })],
    ['for another deployment', 'ORDER_FOREIGN', (each) => sign({ ...claims(each), aud: 'elsewhere' })],
    [
      'for another organization',
      'ORDER_FOREIGN',
      (each) => sign({ ...claims(each), org: '00000000-0000-4000-8000-000000000000' }),
    ],
    [
      'altered',
      'ORDER_SIGNATURE_INVALID',
      async (each) => {
        const [header, , signature] = (await sign(claims(each))).split('.');
        const payload = Buffer.from(JSON.stringify({ ...claims(each), seq: 9 })).toString('base64url');
        return [header, payload, signature].join('.');
      },
    ],
    [
      'older than the one on record',
      'ORDER_REPLAYED',
      async (each) => {
        const older = await sign(claims(each));
        await each.order();
        return older;
      },
    ],
  ];
  test.each(CASES)('%s: %s', async (name, code, make) => {
    const each = await created(`order-${name.replaceAll(' ', '-')}`);
    const jws = await make(each);
    await refusedAndRecorded(each, 'order', code, () =>
      support.post(`/${each.organization.name}/orders`, { jws }),
    );
  });

  test.each([
    ['withdrawn', 'ORDER_WITHDRAWN', (each: Arrangement) => each.order({ kind: 'withdrawal' })],
    ['missing', 'ORDER_MISSING', null],
  ] as const)('%s: an activation ends at once with %s', async (name, code, more) => {
    const each = await created(`start-${name}`);
    if (more !== null) {
      await each.order();
      await more(each);
    }
    const run = deployment.client.workflow.execute(
      WORKFLOW_TYPES.activateCustomerKey,
      await each.startOptions(),
    );
    await expect(run.catch(codeOf)).resolves.toBe(code);
    const entries = await each.entries();
    expect(entries.at(-2)).toMatchObject({ type: 'refusal', body: { subject: 'entitlement', code } });
    expect(entries.at(-1)).toMatchObject({
      type: 'operation-closed',
      body: { outcome: 'refused', reason: code },
    });
  });

  test('withdrawn after the approval: live is refused, custody stays', async () => {
    const each = await created('withdrawn-late');
    await each.reach('live');
    const { planDigest } = await each.plan();
    await each.order({ kind: 'withdrawal' });
    await refusedAndRecordedLater(each, 'live', 'ORDER_WITHDRAWN', () =>
      each.send('launchLive', { planDigest }),
    );
    expect((await deployment.store.status(each.organization.name))?.custody?.custody).toBe('platform');
  });
});

/** The same by update: what the workflow does after refusing (giving up a plan, say) may follow the refusal. */
async function refusedAndRecordedLater(
  each: Arrangement,
  subject: string,
  code: RequestCode,
  send: () => Promise<unknown>,
): Promise<void> {
  const before = (await each.entries()).length;
  await expect(send().then(() => 'accepted', codeOf)).resolves.toBe(code);
  const refusals = (await each.entries()).slice(before).filter(({ type }) => type === 'refusal');
  expect(refusals.map(({ body }) => body)).toMatchObject([{ subject, code }]);
}

describe('approvals', () => {
  const decide = async (each: Arrangement, evidence: unknown): Promise<Answer> => {
    const admin = await api.as('customer-admin', each.organization.id);
    const { planDigest } = await each.plan();
    const { name } = each.organization;
    return admin.post(`/${name}/operation/approval`, { decision: 'approve', planDigest, evidence });
  };
  const CASES: readonly (readonly [string, RequestCode, (each: Arrangement) => Promise<unknown>])[] = [
    ['malformed', 'APPROVAL_MALFORMED', async () => ({ kind: 'jws', jws: 'e30.e30.e30' })],
    [
      'expired',
      'APPROVAL_EXPIRED',
      async (each) => each.approver.approves(await each.plan(), { exp: Math.floor(Date.now() / 1000) - 10 }),
    ],
    [
      'for another plan',
      'APPROVAL_OTHER_PLAN',
      async (each) => each.approver.approves(await each.plan(), { planDigest: '0'.repeat(64) }),
    ],
    [
      'for another organization',
      'APPROVAL_OTHER_PLAN',
      async (each) =>
        each.approver.approves(await each.plan(), { org: '00000000-0000-4000-8000-000000000000' }),
    ],
    [
      'to reject',
      'APPROVAL_OTHER_PLAN',
      async (each) => each.approver.approves(await each.plan(), { decision: 'reject' }),
    ],
    [
      'by an unknown key',
      'APPROVAL_KEY_UNKNOWN',
      async (each) => (await Approver.make()).approves(await each.plan()),
    ],
    [
      'by a removed key',
      'APPROVAL_KEY_REMOVED',
      async (each) => {
        const admin = await api.as('customer-admin', each.organization.id);
        const second = await Approver.make();
        const about = { deployment: deployment.runtime.config.deployment, org: each.organization.id };
        const { publicJwk } = second;
        for (const enrolment of [
          await each.approver.enrols({ ...about, action: 'enrol', publicJwk }),
          await second.enrols({ ...about, action: 'remove', removes: each.approver.thumbprint }),
        ]) {
          expect((await admin.post(`/${each.organization.name}/approvers`, { enrolment })).status).toBe(201);
        }
        return each.approver.approves(await each.plan());
      },
    ],
  ];
  test.each(CASES)('%s: %s', async (name, code, make) => {
    const each = await created(`approval-${name.replaceAll(' ', '-')}`);
    await each.reach('approval');
    const evidence = await make(each);
    await refusedAndRecorded(each, 'approval', code, () => decide(each, evidence));
    expect((await each.status()).stage).toBe('approval');
  });

  test('replayed, over a new plan: APPROVAL_REPLAYED', async () => {
    const each = await created('approval-replayed');
    await each.reach('approval');
    const nonce = 'n'.repeat(32);
    await each.approve(await each.approver.approves(await each.plan(), { nonce }));
    const { planDigest: first } = await each.plan();
    await each.send('launchDryRun', { dryRun: true });
    const isNew = ({ dryRun }: OperationStatus) => dryRun !== null && dryRun.planDigest !== first;
    const { dryRun } = await each.until(isNew);
    await each.send('reviewDryRun', { planDigest: dryRun?.planDigest });
    await each.untilAt('approval');
    const again = await each.approver.approves(await each.plan(), { nonce });
    await refusedAndRecorded(each, 'approval', 'APPROVAL_REPLAYED', () => decide(each, again));
  });

  test('two admins at once: one decision, one launch', async () => {
    const each = await created('two-admins');
    await each.reach('approval');
    const [one, other] = [
      await each.approver.approves(await each.plan()),
      await each.approver.approves(await each.plan()),
    ];
    const decisions = await Promise.all([decide(each, one), decide(each, other)]);
    expect(decisions.map(({ status }) => status).sort()).toEqual([202, 409]);
    expect(decisions.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'STAGE_MISMATCH' });
    const { planDigest } = await each.plan();
    const path = `/${each.organization.name}/operation/live`;
    await Promise.all([support.post(path, { planDigest }), support.post(path, { planDigest })]);
    await each.untilAt('handoff');
    const types = await each.entryTypes();
    for (const once of ['approval-accepted', 'live-launched', 'live-entered'])
      expect(types.filter((type) => type === once)).toHaveLength(1);
  });
});

describe('organizations', () => {
  test('active already: neither the API nor a start by hand begins another activation', async () => {
    const each = await created('active');
    await each.reach('closed');
    const before = await each.entryTypes();
    const answer = await support.post('/active/activation', {});
    expect(answer).toMatchObject({ status: 409, body: { code: 'ALREADY_ACTIVE' } });
    const run = deployment.client.workflow.execute(
      WORKFLOW_TYPES.activateCustomerKey,
      await each.startOptions(),
    );
    await expect(run.catch(codeOf)).resolves.toBe('ALREADY_ACTIVE');
    expect(await each.entryTypes()).toEqual(before);
  });

  test('one that is being activated: the API says so', async () => {
    const each = await created('running');
    await each.reach('setup');
    await expect(each.start()).rejects.toBeInstanceOf(WorkflowExecutionAlreadyStartedError);
    const answer = await support.post('/running/activation', {});
    expect(answer).toMatchObject({ status: 409, body: { code: 'OPERATION_OPEN' } });
  });

  test('unknown: refused by the API, and by the workflow at its first step', async () => {
    expect(await support.post('/nobody/activation', {})).toMatchObject({
      status: 404,
      body: { code: 'ORGANIZATION_UNKNOWN' },
    });
    const organization = 'nobody';
    const input = await signed(deployment, organization, 'support', 'startActivation', { organization });
    const run = deployment.client.workflow.execute(WORKFLOW_TYPES.activateCustomerKey, {
      args: [input],
      workflowId: 'activation/nobody',
      taskQueue: 'smsk-custody',
    });
    await expect(run.catch(codeOf)).resolves.toBe('ORGANIZATION_UNKNOWN');
  });

  test.each([
    ['aws-kms', 'its role refuses our external ID for this one', 'assume-role', 'ROLE_ASSUME_DENIED'],
    ['azure-key-vault', 'its key isn’t named for this one', 'key-name-carries-our-token', 'KEY_NOT_BOUND'],
  ] as const)('another one’s connection, %s: %s', async (provider, _, check, code) => {
    const [account = ''] = provider.split('-');
    const owner: Arrangement = await Arrangement.create(deployment, `owner-${account}`, provider);
    await owner.reach('dry-run');
    const each = await created(`borrower-${account}`);
    await each.reach('setup');
    await each.send('submitConnection', { connection: owner.connection() });
    const { findings, stage } = await each.until((status) => status.findings.length > 0);
    expect(findings[0]).toMatchObject({ check, code });
    expect(stage).toBe('verification');
    expect((await owner.status()).stage).toBe('dry-run');
  });

  test('another one’s service token: as if there were no such organization', async () => {
    const [one, other] = [await created('one'), await created('other')];
    const service = await api.as('service', one.organization.id);
    const body = { plaintext: Buffer.from('x').toString('base64'), context: {} };
    const foreign = await service.post(`/${other.organization.name}/encrypt`, body);
    expect(foreign).toMatchObject({ status: 404, body: { code: 'ORGANIZATION_UNKNOWN' } });
    expect((await service.post('/one/encrypt', body)).status).toBe(200);
  });
});
