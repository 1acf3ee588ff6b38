import { randomBytes, randomUUID } from 'node:crypto';
import {
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  PutKeyPolicyCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import type { OrganizationId } from '../../../domain/ids';
import { DAY_MS, never, type Platform, platform } from './aws-platform-world';
import { failureOf } from './contract';

describe('the operator’s own keys', () => {
  let p: Platform;
  beforeEach(async () => {
    p = await platform();
  });
  afterEach(() => p.world.close());

  test('create is idempotent, and its key wraps and unwraps for the cipher identity', async () => {
    const keyRef = await p.control.create(p.organization);
    expect(await p.control.create(p.organization)).toBe(keyRef);
    expect(await p.alive()).toBe(1);
    const bytes = randomBytes(32);
    const { wrapped } = await p.keys.wrap(keyRef, bytes, p.context, never());
    const opened = await p.keys.unwrap(keyRef, wrapped, p.context, never());
    expect(Buffer.from(opened.bytes).equals(bytes)).toBe(true);
    expect(await p.control.state(keyRef)).toBe('enabled');
  });

  test('nobody else wraps or unwraps: not the control identity, not the account’s administrator', async () => {
    const keyRef = await p.control.create(p.organization);
    const { wrapped } = await p.keys.wrap(keyRef, randomBytes(32), p.context, never());
    const admin = p.world.operator.kms();
    const EncryptionContext = { 'smsk:org': p.organization };
    await expect(
      admin.send(new EncryptCommand({ KeyId: keyRef, Plaintext: randomBytes(1), EncryptionContext })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(
      admin.send(new DecryptCommand({ KeyId: keyRef, CiphertextBlob: wrapped, EncryptionContext })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    // Nor can a disabled one be enabled without changing its policy first.
    await p.control.disable(keyRef, p.customer);
    await expect(admin.send(new EnableKeyCommand({ KeyId: keyRef }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('nor the cipher identity for another organization’s envelopes', async () => {
    const keyRef = await p.control.create(p.organization);
    const foreign = { ...p.context, organization: randomUUID() as OrganizationId };
    const failure = await failureOf(p.keys.wrap(keyRef, randomBytes(32), foreign, never()));
    expect(failure.code).toBe('WRAP_DENIED');
  });

  test('two creates at once leave one live key, and both return it', async () => {
    const hold = p.world.emulator.inject({ match: { action: 'CreateAlias' }, effect: { kind: 'hold' } });
    const creating = [p.control.create(p.organization), p.newControl().create(p.organization)];
    while (p.world.emulator.hitsOf(hold) < 2) await new Promise((resolve) => setImmediate(resolve));
    p.world.emulator.clearFaults();
    const [first, second] = await Promise.all(creating);
    expect(first).toBe(second);
    expect(await p.alive()).toBe(1);
  });

  test.each(['before', 'after'] as const)(
    'a create that died with its alias call lost %s is taken up: no second key',
    async (when) => {
      p.world.emulator.inject({
        match: { action: 'CreateAlias' },
        effect: { kind: 'reset', when },
        count: 1,
      });
      expect((await failureOf(p.control.create(p.organization))).code).toBe('NETWORK');
      // Other people's keys in the account are looked at, and left alone.
      await p.world.operator.kms().send(new CreateKeyCommand({}));
      const keyRef = await p.newControl().create(p.organization);
      expect(await p.alive()).toBe(1);
      expect(await p.control.create(p.organization)).toBe(keyRef);
    },
  );

  test('each foreign key is asked once, by the identity at hand: an account full of them costs no more', async () => {
    const admin = p.world.operator.kms();
    for (let n = 0; n < 5; n++) await admin.send(new CreateKeyCommand({}));
    const before = p.records.length;
    await p.control.create(p.organization);
    const refused = p.records.slice(before).filter(({ code }) => code === 'OUR_IDENTITY');
    expect(refused).toHaveLength(5);
    expect(p.asked).toEqual([false]);
  });

  test('a create whose key was made but the answer lost is taken up as well', async () => {
    p.world.emulator.inject({
      match: { action: 'CreateKey' },
      effect: { kind: 'reset', when: 'after' },
      count: 1,
    });
    expect((await failureOf(p.control.create(p.organization))).code).toBe('NETWORK');
    await p.newControl().create(p.organization);
    expect(await p.alive()).toBe(1);
  });

  test('a dead key is never taken for a new one', async () => {
    const keyRef = await p.control.create(p.organization);
    await p.control.disable(keyRef, p.customer);
    expect((await failureOf(p.control.create(p.organization))).code).toBe('KEY_DISABLED');
    await p.control.scheduleDeletion(keyRef, p.customer);
    expect((await failureOf(p.control.create(p.organization))).code).toBe('KEY_PENDING_DELETION');
  });

  test('sealing: disabled, refused, scheduled, gone; each step can be repeated', async () => {
    const keyRef = await p.control.create(p.organization);
    const { wrapped } = await p.keys.wrap(keyRef, randomBytes(32), p.context, never());
    expect(await p.control.refusesUnwrap(keyRef, wrapped, p.context)).toMatchObject({
      refused: false,
      requestId: expect.stringMatching(/./),
    });
    await p.control.disable(keyRef, p.customer);
    await p.control.disable(keyRef, p.customer);
    expect(await p.control.state(keyRef)).toBe('disabled');
    expect(await p.control.refusesUnwrap(keyRef, wrapped, p.context)).toMatchObject({
      refused: true,
      requestId: expect.stringMatching(/./),
    });

    const { destroyedAt } = await p.control.scheduleDeletion(keyRef, p.customer);
    expect(Math.abs(Date.parse(destroyedAt) - Date.now() - 7 * DAY_MS)).toBeLessThan(DAY_MS);
    p.pass(DAY_MS);
    expect(await p.control.scheduleDeletion(keyRef, p.customer)).toEqual({ destroyedAt });
    await p.control.disable(keyRef, p.customer);
    expect(await p.control.state(keyRef)).toBe('pending-deletion');
    expect(await p.control.refusesUnwrap(keyRef, wrapped, p.context)).toMatchObject({
      refused: true,
      requestId: expect.stringMatching(/./),
    });

    p.pass(7 * DAY_MS);
    expect(await p.control.state(keyRef)).toBe('gone');
    expect(await p.control.refusesUnwrap(keyRef, wrapped, p.context)).toMatchObject({
      refused: true,
      requestId: expect.stringMatching(/./),
    });
    await p.control.disable(keyRef, p.customer);
    await p.control.scheduleDeletion(keyRef, p.customer);
  });

  test('an answer lost in scheduling the deletion changes nothing about its date', async () => {
    const keyRef = await p.control.create(p.organization);
    p.world.emulator.inject({
      match: { action: 'ScheduleKeyDeletion' },
      effect: { kind: 'reset', when: 'after' },
      count: 1,
    });
    expect((await failureOf(p.control.scheduleDeletion(keyRef, p.customer))).code).toBe('NETWORK');
    const { destroyedAt } = await p.control.scheduleDeletion(keyRef, p.customer);
    expect(await p.control.scheduleDeletion(keyRef, p.customer)).toEqual({ destroyedAt });
  });

  test.each([
    ['without a signature of ours', () => 'rubbish'],
    ['that leaves custody with the platform', () => `platform ${p.organization}`],
    ['of another organization', () => `customer ${randomUUID()}`],
  ])('inv01 a statement %s ends no key', async (_, statement) => {
    const keyRef = await p.control.create(p.organization);
    for (const attempt of [
      p.control.disable(keyRef, statement()),
      p.control.scheduleDeletion(keyRef, statement()),
    ]) {
      expect((await failureOf(attempt)).code).toBe('STATEMENT_INVALID');
    }
    const changing = p.world.emulator.trail().map((record) => record.eventName);
    expect(changing).not.toContain('DisableKey');
    expect(changing).not.toContain('ScheduleKeyDeletion');
  });

  test.each([
    ['an alias that was pointed to another key', 'other'],
    ['no alias', 'none'],
  ] as const)('inv01 a key with our tag but %s is ended by nobody', async (_, alias) => {
    const keyRef = await p.control.create(p.organization);
    const admin = p.world.operator.kms();
    // Whoever owns the account may give himself the right first.
    const everything = { Sid: 'all', Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [everything] });
    await admin.send(new PutKeyPolicyCommand({ KeyId: keyRef, PolicyName: 'default', Policy }));
    const AliasName = `alias/smsk/${p.organization}`;
    if (alias === 'none') await admin.send(new DeleteAliasCommand({ AliasName }));
    else {
      const other = await p.control.create(randomUUID() as OrganizationId);
      await admin.send(new PutKeyPolicyCommand({ KeyId: other, PolicyName: 'default', Policy }));
      await admin.send(new UpdateAliasCommand({ AliasName, TargetKeyId: other }));
    }
    for (const attempt of [
      p.control.disable(keyRef, p.customer),
      p.control.scheduleDeletion(keyRef, p.customer),
    ]) {
      expect((await failureOf(attempt)).code).toBe('STATEMENT_INVALID');
    }
    expect(await p.control.state(keyRef)).toBe('enabled');
  });

  test('inv01 only a dead key is a refusal: trouble and denial are neither yes nor no', async () => {
    const keyRef = await p.control.create(p.organization);
    const { wrapped } = await p.keys.wrap(keyRef, randomBytes(32), p.context, never());
    for (const [code, thrown] of [
      ['ThrottlingException', 'THROTTLED'],
      ['KMSInternalException', 'PROVIDER_TRANSIENT'],
      ['AccessDeniedException', 'UNWRAP_DENIED'],
      ['NeverSeenException', 'UNCLASSIFIED'],
    ] as const) {
      p.world.emulator.inject({ match: { action: 'Decrypt' }, effect: { kind: 'error', code } });
      const failure = await failureOf(p.control.refusesUnwrap(keyRef, wrapped, p.context));
      expect(failure.code).toBe(thrown);
      p.world.emulator.clearFaults();
    }
  });

  test('what the operator’s own account denies is OUR_IDENTITY, not the customer’s affair', async () => {
    p.world.emulator.inject({
      match: { action: 'CreateKey' },
      effect: { kind: 'error', code: 'AccessDeniedException' },
    });
    expect((await failureOf(p.control.create(p.organization))).code).toBe('OUR_IDENTITY');
  });

  test('a disabled key means the same here as at a customer’s', async () => {
    const keyRef = await p.control.create(p.organization);
    const { wrapped } = await p.keys.wrap(keyRef, randomBytes(32), p.context, never());
    await p.control.disable(keyRef, p.customer);
    expect((await failureOf(p.keys.unwrap(keyRef, wrapped, p.context, never()))).code).toBe('KEY_DISABLED');
    await expect(p.world.operator.kms().send(new DisableKeyCommand({ KeyId: keyRef }))).rejects.toMatchObject(
      { name: 'AccessDeniedException' },
    );
  });
});
