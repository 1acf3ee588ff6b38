import { PROVIDER_CODES } from '../../domain/codes';
import type { ProviderName } from '../../domain/custody';
import type { Finding } from '../../domain/finding';
import { AWS, revokeOurKey } from './bad-input/aws';
import { AZURE, expireOurCertificate } from './bad-input/azure';
import type { Mistakes } from './bad-input/mistake';
import { type Caller, type OpenApi, openApi } from './deployment/api';
import { Arrangement } from './deployment/arrangement';
import { openCipher } from './deployment/cipher';
import type { Clouds } from './deployment/customer-cloud';
import { type Deployment, openDeployment } from './deployment/deployment';
import { QUICK, startWorkers } from './deployment/workers';

/** What a customer gets wrong in its account or types wrong: each finding names what to mend, and nothing moves. */
let deployment: Deployment;
let api: OpenApi;
beforeAll(async () => {
  deployment = await openDeployment();
  await startWorkers(deployment, { settings: QUICK });
  const { cipher } = await openCipher(deployment);
  api = await openApi(deployment, cipher);
});
afterAll(() => deployment?.close());

/** @param name the organization's, and its account's */
function mistakesAreNamed<P extends ProviderName>(
  provider: P,
  name: string,
  { made, typed }: Mistakes<Clouds[P]>,
): void {
  describe(provider, () => {
    let each: Arrangement<Clouds[P]>;
    let admin: Caller;
    beforeAll(async () => {
      each = await Arrangement.create(deployment, name, provider);
      await each.setUpAccount();
      await each.reach('setup');
      admin = await api.as('customer-admin', each.organization.id);
    });
    const submitted = (connection: object) => admin.post(`/${name}/operation/connection`, { connection });

    test.each(made)('$name: $code', async ({ code, make }) => {
      const connection = await make(each);
      const before = (await each.entries()).length;
      expect((await submitted(connection)).status).toBe(202);
      const { findings, stage } = await each.until((status) => status.findings.length > 0);
      const failed = findings.filter((finding) => finding.result === 'failed');
      expect(failed.map((finding) => finding.code)).toContain(code);
      expect(stage).toBe('verification');

      const added = (await each.entries()).slice(before);
      const recorded = added
        .filter(({ type }) => type === 'verification-recorded')
        .flatMap(({ body }) => body['findings'] as Finding[]);
      expect(recorded.filter(({ result }) => result === 'failed')).toEqual(failed);
      const { body } = await admin.get(`/${name}/status`);
      expect(body).toMatchObject({ custody: 'platform', currentVersion: 1 });
      expect(JSON.stringify(body)).toContain(PROVIDER_CODES[code].remedy);
    });

    test.each(typed)('$name is refused at the door, and the field named', async ({ enter, field }) => {
      const before = (await each.entries()).length;
      const refused = await submitted(enter(each));
      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ code: 'INPUT_INVALID', detail: expect.stringMatching(field) });
      const added = (await each.entries()).slice(before);
      expect(added.filter(({ type }) => type !== 'refusal')).toEqual([]);
    });

    test('and once all is mended, the same organization goes on', async () => {
      await each.setUpAccount();
      expect((await submitted(each.connection())).status).toBe(202);
      await each.untilAt('dry-run');
    });
  });
}

mistakesAreNamed('aws-kms', 'acme', AWS);
mistakesAreNamed('azure-key-vault', 'globex', AZURE);

test.each([
  ['aws-kms', 'hooli', 'our access key is gone', revokeOurKey],
  ['azure-key-vault', 'initech', 'our certificate has expired', expireOurCertificate],
] as const)(
  '%s, %s: all as it should be, and %s: OUR_IDENTITY, on record, and the customer has nothing to mend',
  async (provider, name, _, spoil) => {
    const each = await Arrangement.create(deployment, name, provider);
    await each.setUpAccount();
    await each.reach('setup');
    const admin = await api.as('customer-admin', each.organization.id);
    const putBack = spoil(deployment.outside);
    try {
      const connection = each.connection();
      expect((await admin.post(`/${name}/operation/connection`, { connection })).status).toBe(202);
      const { trouble, findings } = await each.until((status) => status.trouble !== null);
      expect(trouble).toMatchObject({ code: 'OUR_IDENTITY' });
      expect(trouble?.text).toContain(PROVIDER_CODES.OUR_IDENTITY.remedy);
      expect(findings).toEqual([]);
      expect((await each.entries()).at(-1)).toMatchObject({
        ...{ type: 'verification-impeded', body: { code: 'OUR_IDENTITY', owner: 'operator' } },
      });
      const { body, text } = await admin.get(`/${name}/status`);
      expect(body).toMatchObject({
        awaiting: { who: 'support', what: expect.stringMatching(/the customer has nothing to mend/) },
        verification: { findings: [], trouble: { owner: 'operator' } },
      });
      expect(text).toContain(PROVIDER_CODES.OUR_IDENTITY.remedy);
      expect(text).not.toContain('mend what the findings name');
    } finally {
      putBack();
    }
    await each.send('runVerification', {}, 'customer-admin');
    await each.untilAt('dry-run');
  },
);
