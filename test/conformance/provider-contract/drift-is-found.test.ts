import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { canaryContext } from '../../../domain/canary';
import type { Owner, ProviderCode } from '../../../domain/codes';
import type { Connection } from '../../../domain/connection';
import { type Judgement, judge } from '../../../domain/drift';
import type { Held, Prober } from '../../../domain/ports/prober';
import type { Verifier } from '../../../domain/ports/provider';
import { awsKeyPolicy, awsRolePolicy } from '../../../domain/set-up/aws';
import { createAwsKmsProber } from '../../../providers/aws-kms/prober';
import { createAzureKeyVaultProber } from '../../../providers/azure-key-vault/prober';
import { awsFixture } from './aws-world';
import { azureFixture, sharedAzureWorld } from './azure-world';

const customer = async (_: ProviderCode): Promise<Owner> => 'customer';

/** As verification leaves it: the key pinned, a canary kept. */
async function verified(verifier: Verifier, fresh: Connection) {
  const { keyRef, canary } = await verifier.verify(fresh, AbortSignal.timeout(20_000));
  if (keyRef === null || canary === null) throw new Error('not verified');
  const held: readonly Held[] = [{ ...canary, context: canaryContext(fresh.organization) }];
  return { connection: { ...fresh, pinnedKeyRef: keyRef }, held };
}

/** What a probe finds now. */
async function found(
  prober: Prober,
  { connection, held }: { connection: Connection; held: readonly Held[] },
  { failures = 0, withinMs = 20_000 } = {},
): Promise<Judgement> {
  const probed = await prober.probe(connection, held, { trust: true }, AbortSignal.timeout(withinMs));
  return judge({ connection, held, failures }, probed, customer);
}
const standing = ({ looked }: Judgement) =>
  Object.fromEntries(
    Object.entries(looked).flatMap(([aspect, drift]) => (drift ? [[aspect, drift.code]] : [])),
  );

describe('drift of an AWS key', () => {
  test('none, a disabled key, and none again', async () => {
    const fixture = await awsFixture();
    try {
      const subject = await verified(fixture.verifier, fixture.connect());
      const prober = createAwsKmsProber(fixture.options);
      const clean = await found(prober, subject);
      expect(clean).toMatchObject({ code: 'OK', incident: null, failures: 0 });
      expect(clean.looked).toEqual({ ours: null, trust: null, writes: null });
      const kms = fixture.world.customer.kms();
      await kms.send(new DisableKeyCommand({ KeyId: fixture.keyArn }));
      expect(await found(prober, subject)).toMatchObject({
        code: 'KEY_DISABLED',
        failures: 1,
        incident: { code: 'KEY_DISABLED', requestId: expect.any(String) },
      });
      await kms.send(new EnableKeyCommand({ KeyId: fixture.keyArn }));
      expect(await found(prober, subject)).toMatchObject({ code: 'OK', incident: null });
    } finally {
      await fixture.close();
    }
  });

  test('a wrap that is refused while reads go on is a warning', async () => {
    const fixture = await awsFixture();
    try {
      const subject = await verified(fixture.verifier, fixture.connect());
      const readsOnly = (policy: object) => JSON.stringify(policy).replaceAll('"kms:Encrypt",', '');
      const { customer: account } = fixture.world;
      const Policy = readsOnly(awsKeyPolicy(fixture.setUp));
      await account
        .kms()
        .send(new PutKeyPolicyCommand({ KeyId: fixture.keyArn, PolicyName: 'default', Policy }));
      await account.iam.call('PutRolePolicy', {
        RoleName: 'novantra-wrap',
        PolicyName: 'wrap-and-unwrap',
        PolicyDocument: readsOnly(awsRolePolicy(fixture.setUp)),
      });
      const drifted = await found(createAwsKmsProber(fixture.options), subject);
      expect(drifted).toMatchObject({ code: 'WRAP_DENIED', incident: null, failures: 0 });
      expect(standing(drifted)).toEqual({ writes: 'WRAP_DENIED' });
    } finally {
      await fixture.close();
    }
  });

  test('an alias that leads to another key is noticed, though the pinned one serves', async () => {
    const fixture = await awsFixture({ byAlias: true });
    try {
      const subject = await verified(fixture.verifier, fixture.connect());
      const prober = createAwsKmsProber(fixture.options);
      expect((await found(prober, subject)).looked).toMatchObject({ identity: null, writes: null });
      const kms = fixture.world.customer.kms();
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      await kms.send(new UpdateAliasCommand({ AliasName: 'alias/workspace', TargetKeyId: KeyMetadata?.Arn }));
      const moved = await found(prober, subject);
      expect(moved).toMatchObject({ code: 'KEY_MOVED', incident: null });
      expect(moved.looked.writes).toBeNull();
    } finally {
      await fixture.close();
    }
  });

  test('a trust policy that was opened is a warning', async () => {
    const fixture = await awsFixture();
    try {
      const subject = await verified(fixture.verifier, fixture.connect());
      const { iam } = fixture.world.customer;
      await iam.call('UpdateAssumeRolePolicy', {
        RoleName: 'novantra-wrap',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { AWS: fixture.us.arn }, Action: 'sts:AssumeRole' }],
        }),
      });
      const drifted = await found(createAwsKmsProber(fixture.options), subject);
      expect(standing(drifted)).toEqual({ trust: 'TRUST_POLICY_OPEN' });
      expect(drifted.incident).toBeNull();
    } finally {
      await fixture.close();
    }
  });

  test('a provider that hangs costs the probe its deadline; twice is an incident', async () => {
    const fixture = await awsFixture();
    try {
      const subject = await verified(fixture.verifier, fixture.connect());
      fixture.world.emulator.inject({ effect: { kind: 'hang' } });
      const prober = createAwsKmsProber(fixture.options);
      const once = await found(prober, subject, { withinMs: 200 });
      expect(once).toMatchObject({ code: 'DEADLINE_EXCEEDED', incident: null, failures: 1 });
      const twice = await found(prober, subject, { withinMs: 200, failures: 1 });
      expect(twice.incident).toEqual({ code: 'DEADLINE_EXCEEDED', requestId: null });
    } finally {
      await fixture.close();
    }
  });
});

describe('drift of an Azure key', () => {
  const world = sharedAzureWorld();

  test('a newer version is a rotation that is due, until envelopes are wrapped under it', async () => {
    const fixture = await azureFixture(world());
    const subject = await verified(fixture.verifier, fixture.connect());
    const prober = createAzureKeyVaultProber(fixture.options);
    expect((await found(prober, subject)).looked).toEqual({
      identity: null,
      ours: null,
      version: null,
      writes: null,
    });
    const { id } = await fixture.keys.importKey(fixture.keyName, world().material);
    const rotated = await found(prober, subject);
    expect(rotated).toMatchObject({ code: 'OK', incident: null });
    expect(rotated.looked.version).toMatchObject({ code: 'KEY_ROTATED', keyRef: id?.toLowerCase() });
    const newer = await verified(fixture.verifier, fixture.connect());
    const both = { ...subject, held: [...subject.held, ...newer.held] };
    expect((await found(prober, both)).looked.version).toBeNull();
  });

  test('a former version that reads still need, disabled, is an incident though the newest serves', async () => {
    const fixture = await azureFixture(world());
    const subject = await verified(fixture.verifier, fixture.connect());
    await fixture.keys.importKey(fixture.keyName, world().material);
    const version = fixture.kid.slice(fixture.kid.lastIndexOf('/') + 1);
    await fixture.keys.updateKeyProperties(fixture.keyName, version, { enabled: false });
    const drifted = await found(createAzureKeyVaultProber(fixture.options), subject);
    expect(drifted.incident?.code).toBe('KEY_DISABLED');
  });

  test('an expired key reads on and wraps no more: a warning', async () => {
    const fixture = await azureFixture(world());
    const subject = await verified(fixture.verifier, fixture.connect());
    await fixture.keys.updateKeyProperties(fixture.keyName, { expiresOn: new Date(Date.now() - 86_400_000) });
    const drifted = await found(createAzureKeyVaultProber(fixture.options), subject);
    expect(standing(drifted)).toEqual({ writes: 'KEY_EXPIRED_OR_NBF' });
    expect(drifted.incident).toBeNull();
  });

  test('a role assignment that is gone is an incident', async () => {
    const fixture = await azureFixture(world());
    const subject = await verified(fixture.verifier, fixture.connect());
    fixture.emulator.administer('DELETE role-assignments', { id: fixture.assignment });
    expect((await found(createAzureKeyVaultProber(fixture.options), subject)).incident?.code).toBe(
      'RBAC_DENIED',
    );
  });
});
