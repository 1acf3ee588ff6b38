import { randomBytes, randomUUID } from 'node:crypto';
import type { OperationId } from '../../../domain/ids';
import { never, type Platform, platform } from './aws-platform-world';
import { failureOf } from './contract';

const operation = () => randomUUID() as OperationId;

describe('the operator’s key that an offboarding makes', () => {
  let p: Platform;
  beforeEach(async () => {
    p = await platform();
  });
  afterEach(() => p.world.close());

  test('is another key than the organization’s first, of its operation’s own, and idempotent by that', async () => {
    const former = await p.control.create(p.organization);
    const [one, other] = [operation(), operation()];
    const keyRef = await p.control.create(p.organization, one);
    expect(await p.newControl().create(p.organization, one)).toBe(keyRef);
    const next = await p.control.create(p.organization, other);
    expect(new Set([former, keyRef, next]).size).toBe(3);
    expect(await p.control.create(p.organization)).toBe(former);
    expect(await p.alive()).toBe(3);
    const bytes = randomBytes(32);
    const { wrapped } = await p.keys.wrap(keyRef, bytes, p.context, never());
    const opened = await p.keys.unwrap(keyRef, wrapped, p.context, never());
    expect(Buffer.from(opened.bytes).equals(bytes)).toBe(true);
  });

  test.each([
    ['CreateKey', 'after'],
    ['CreateAlias', 'before'],
    ['CreateAlias', 'after'],
  ] as const)('a create that died with %s’s answer lost (%s) leaves one key', async (action, when) => {
    const one = operation();
    p.world.emulator.inject({ match: { action }, effect: { kind: 'reset', when }, count: 1 });
    expect((await failureOf(p.control.create(p.organization, one))).code).toBe('NETWORK');
    const keyRef = await p.newControl().create(p.organization, one);
    expect(await p.control.create(p.organization, one)).toBe(keyRef);
    expect(await p.alive()).toBe(1);
  });

  test('an unnamed key of one operation is never taken up by another', async () => {
    p.world.emulator.inject({ match: { action: 'CreateAlias' }, effect: { kind: 'reset', when: 'before' } });
    expect((await failureOf(p.control.create(p.organization, operation()))).code).toBe('NETWORK');
    p.world.emulator.clearFaults();
    await p.control.create(p.organization, operation());
    await p.control.create(p.organization);
    expect(await p.alive()).toBe(3);
  });

  test('is retired with its operation: named or not, once and again, and no other key with it', async () => {
    const former = await p.control.create(p.organization);
    const [one, other] = [operation(), operation()];
    const keyRef = await p.control.create(p.organization, one);
    const retired = await p.control.retireSpare(p.organization, one, p.customer);
    expect(retired).toEqual({ keyRef, destroyedAt: expect.stringMatching(/Z$/) });
    expect(await p.control.retireSpare(p.organization, one, p.customer)).toEqual(retired);
    expect(await p.control.state(keyRef)).toBe('pending-deletion');
    expect(await p.control.state(former)).toBe('enabled');

    p.world.emulator.inject({ match: { action: 'CreateAlias' }, effect: { kind: 'reset', when: 'before' } });
    expect((await failureOf(p.control.create(p.organization, other))).code).toBe('NETWORK');
    p.world.emulator.clearFaults();
    expect(await p.alive()).toBe(2);
    expect(await p.control.retireSpare(p.organization, other, p.customer)).not.toBeNull();
    expect(await p.alive()).toBe(1);
    expect(await p.control.retireSpare(p.organization, operation(), p.customer)).toBeNull();
  });

  test.each([
    ['without a signature of ours', () => 'rubbish'],
    ['that leaves custody with the platform', () => `platform ${p.organization}`],
    ['of another organization', () => `customer ${randomUUID()}`],
  ])('inv12 a statement %s retires no key', async (_, statement) => {
    const one = operation();
    const keyRef = await p.control.create(p.organization, one);
    const failure = await failureOf(p.control.retireSpare(p.organization, one, statement()));
    expect(failure.code).toBe('STATEMENT_INVALID');
    expect(await p.control.state(keyRef)).toBe('enabled');
  });

  test('inv12 nor the key of the very operation that custody is of', async () => {
    const one = operation();
    const keyRef = await p.control.create(p.organization, one);
    const its = `customer ${p.organization} ${one}`;
    expect((await failureOf(p.control.retireSpare(p.organization, one, its))).code).toBe('STATEMENT_INVALID');
    expect(await p.control.state(keyRef)).toBe('enabled');
  });

  test('a later activation ends it as it ends any: disabled, and scheduled for deletion', async () => {
    const keyRef = await p.control.create(p.organization, operation());
    await p.control.disable(keyRef, p.customer);
    expect(await p.control.state(keyRef)).toBe('disabled');
    await p.control.scheduleDeletion(keyRef, p.customer);
    expect(await p.control.state(keyRef)).toBe('pending-deletion');
  });
});
