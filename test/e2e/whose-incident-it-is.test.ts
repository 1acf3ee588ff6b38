import { WorkspaceUnavailable } from '../../cipher';
import { awsOperatorPolicies } from '../../domain/set-up/aws-operator';
import { createIamClient } from '../../emulators/aws/iam-client';
import { createMetrics } from '../../runtime/metrics';
import { waitUntil } from '../../scripts/parts/wait';
import { composeShared } from '../../workers/compose';
import { minuteRound } from '../../workers/every-minute';
import { openApi } from './deployment/api';
import { Arrangement } from './deployment/arrangement';
import { openCipher } from './deployment/cipher';
import { PROVIDERS } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { QUICK, startWorkers } from './deployment/workers';

/** What has everybody refuse us, in the words that a customer's own removal has. @returns what mends it */
const OURS = {
  'aws-kms': {
    code: 'ROLE_ASSUME_DENIED',
    breaks: async ({ outside: { aws, operator } }: Deployment) => {
      const { account: accountId } = operator.account;
      const iam = createIamClient(aws.url, aws.createAccount({ name: 'operator', accountId }).admin);
      const policy = { UserName: 'smsk-principal', PolicyName: 'smsk-principal' };
      await iam.call('DeleteUserPolicy', policy);
      const PolicyDocument = JSON.stringify(awsOperatorPolicies('aws', accountId).wrapping);
      return async (): Promise<void> => void (await iam.call('PutUserPolicy', { ...policy, PolicyDocument }));
    },
  },
  'azure-key-vault': {
    code: 'SP_NOT_IN_TENANT',
    breaks: async ({ outside: { azure, operator } }: Deployment) => {
      const id = azure.inject({
        match: { service: 'entra', action: 'Token', appId: operator.app.clientId },
        effect: {
          ...({ kind: 'error', code: '700016', oauth: 'unauthorized_client', status: 400 } as const),
          message: 'as injected',
        },
      });
      return async (): Promise<void> => azure.clearFaults(id);
    },
  },
};

describe.each(PROVIDERS)('%s', (provider) => {
  let deployment: Deployment;
  let acme: Arrangement;

  beforeAll(async () => {
    deployment = await openDeployment();
    await startWorkers(deployment, { settings: QUICK });
    acme = await Arrangement.create(deployment, 'acme', provider);
    await acme.reach('handoff');
  });
  afterAll(() => deployment?.close());

  const status = async () => {
    const { cipher, close } = await openCipher(deployment);
    const support = await (await openApi(deployment, cipher, '127.0.0.1:1')).as('support');
    const { body } = await support.get('/acme/status');
    await close();
    return body as { incident: { owner: string | null; text: string; remedy: string } | null };
  };

  /** A process that has no session yet is asked for content; its refusal is there when this returns. */
  async function refusedContent(): Promise<unknown> {
    const { cipher, close } = await openCipher(deployment);
    const error: unknown = await cipher
      .encrypt(acme.organization.id, Buffer.from('x'), { record: 'r-1' })
      .catch((thrown: unknown) => thrown);
    const isOpen = async () => (await status()).incident !== null;
    expect(await waitUntil(isOpen, 10_000)).toBe(true);
    await close();
    return error;
  }

  /** As each worker does every minute, and with what it is composed of. */
  async function aMinuteEnds(): Promise<void> {
    const shared = composeShared(deployment.runtime, 'round', deployment.log.logger, createMetrics());
    try {
      await minuteRound(shared.store, shared.controlProbe);
    } finally {
      await shared.store.close();
      shared.clouds.egress.close();
    }
  }

  async function accessReturns(): Promise<void> {
    const { cipher, close } = await openCipher(deployment);
    await cipher.encrypt(acme.organization.id, Buffer.from('x'), { record: 'r-1' });
    const isOver = async () => (await status()).incident === null;
    expect(await waitUntil(isOver, 10_000)).toBe(true);
    await close();
  }

  const openings = async () =>
    (await acme.entries()).filter(({ type }) => type === 'incident-opened').map(({ body }) => body);

  test('we are refused everywhere: the incident is ours, and the customer is asked for nothing', async () => {
    const { code, breaks } = OURS[provider];
    const mend = await breaks(deployment);
    const error = await refusedContent();
    expect(error).toBeInstanceOf(WorkspaceUnavailable);
    expect(error).toMatchObject({ providerCode: code });
    // Content waits for nobody: whose it is, is found out by the minute's round (the workers' own, or this one).
    await aMinuteEnds();
    expect((await status()).incident).toMatchObject({
      owner: 'operator',
      text: expect.stringMatching(/our side/),
      remedy: expect.stringMatching(/nothing to do on your side/),
    });
    expect(await openings()).toMatchObject([{ code, owner: 'operator' }]);

    await mend();
    await accessReturns();
  });

  test('the customer switched its key off: the incident is the customer’s', async () => {
    await acme.turn('off');
    expect(await refusedContent()).toMatchObject({ providerCode: 'KEY_DISABLED' });
    await aMinuteEnds();
    expect((await status()).incident).toMatchObject({
      owner: 'customer',
      remedy: expect.stringMatching(/Enable the key/),
    });
    expect((await openings()).at(-1)).toMatchObject({ code: 'KEY_DISABLED', owner: 'customer' });
    await acme.turn('on');
    await accessReturns();
    expect(await deployment.store.auditRows()).toEqual([]);
  });
});
