// The real clouds' harness, pointed at the emulated ones: without an account of one's own it would rot unseen.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import { type AwsFixture, awsFixture } from '../provider-contract/aws-world';
import { type AzureFixture, azureFixture, sharedAzureWorld } from '../provider-contract/azure-world';
import { awsBadInputs, awsOffSwitches, realAwsFixture } from './aws';
import { azureBadInputs, azureOffSwitches, realAzureFixture } from './azure';
import { realCloudContract } from './contract';
import { azureAdmin, realAws, realAzure } from './settings';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'smsk-real-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written = (name: string, content: string): string => {
  const file = join(folder, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
};
const set = <T>({ settings, missing }: { settings: T | null; missing: string | null }): T => {
  if (settings === null) throw new Error(String(missing));
  return settings;
};

describe('AWS, emulated', () => {
  let emulated: AwsFixture | undefined;
  const environment = ({ setUp, keyArn, us }: AwsFixture) => ({
    SMSK_REAL_AWS_ROLE_ARN: setUp.roleArn,
    SMSK_REAL_AWS_KEY_ARN: keyArn,
    SMSK_REAL_AWS_EXTERNAL_ID: setUp.externalId,
    SMSK_REAL_AWS_ORGANIZATION: setUp.organization,
    SMSK_REAL_AWS_IDENTITY_FILE: written('us.json', JSON.stringify(us.credentials)),
  });
  realCloudContract('AWS KMS, emulated', {
    missing: null,
    adminMissing: null,
    start: async () => {
      emulated = await awsFixture();
      const { close } = emulated;
      return {
        ...realAwsFixture(set(realAws(environment(emulated))), emulated.world.egress),
        close,
      };
    },
    notThisEnvelope: 'CONTEXT_OR_BLOB_INVALID',
    badInputs: awsBadInputs,
    offSwitches: awsOffSwitches(() => {
      if (emulated === undefined) throw new Error('nothing is emulated');
      const { world } = emulated;
      const { accessKeyId, secretAccessKey } = world.customer.admin;
      const adminFile = written('admin.json', JSON.stringify({ accessKeyId, secretAccessKey }));
      return { ...set(realAws(environment(emulated))), adminFile, egress: world.egress };
    }),
  });
});

describe('Azure, emulated', () => {
  const world = sharedAzureWorld();
  let emulated: AzureFixture | undefined;
  const environment = (fixture: AzureFixture) => ({
    SMSK_REAL_AZURE_TENANT: fixture.tenantId,
    SMSK_REAL_AZURE_CLIENT_ID: world().appId,
    SMSK_REAL_AZURE_CERTIFICATE: written('app.pem', world().certificate.pem),
    SMSK_REAL_AZURE_KEY: fixture.key,
    SMSK_REAL_AZURE_EXTERNAL_ID: fixture.connection.externalId,
  });
  realCloudContract('Azure Key Vault, emulated', {
    missing: null,
    adminMissing: null,
    start: async () => {
      emulated = await azureFixture(world());
      return realAzureFixture(set(realAzure(environment(emulated))), world().egress);
    },
    notThisEnvelope: 'CIPHERTEXT_OR_ALG_MISMATCH',
    badInputs: azureBadInputs,
    offSwitches: azureOffSwitches(() => {
      if (emulated === undefined) throw new Error('nothing is emulated');
      const now = Date.now();
      const made = makeAppCertificate({
        ...{ commonName: 'admin', notBefore: now - DAY_MS, notAfter: now + DAY_MS },
      });
      const { clientId } = emulated.admin;
      world().emulator.administer('POST apps/certificates', {
        appId: clientId,
        certificate: made.certificate,
      });
      const admin = azureAdmin({
        SMSK_REAL_AZURE_ADMIN_CLIENT_ID: clientId,
        SMSK_REAL_AZURE_ADMIN_CERTIFICATE: written('admin.pem', made.pem),
      });
      return { ...set(realAzure(environment(emulated))), admin: set(admin), egress: world().egress };
    }),
  });
});

describe('what is set', () => {
  const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';
  test('nothing: it says what to set', () => {
    expect(realAws({}).missing).toMatch(/^set SMSK_REAL_AWS_ROLE_ARN, .*SMSK_REAL_AWS_EXTERNAL_ID/);
    expect(realAzure({}).missing).toMatch(/^set SMSK_REAL_AZURE_TENANT/);
  });
  test('half of it is no reason to skip', () => {
    expect(() => realAzure({ SMSK_REAL_AZURE_TENANT: tenant })).toThrow(/SMSK_REAL_AZURE_KEY/);
  });
  test('nor is what isn’t of its form', () => {
    const both = { SMSK_REAL_AZURE_ADMIN_CLIENT_ID: 'admin', SMSK_REAL_AZURE_ADMIN_CERTIFICATE: 'a.pem' };
    expect(() => azureAdmin(both)).toThrow(/SMSK_REAL_AZURE_ADMIN_CLIENT_ID/);
  });
});
