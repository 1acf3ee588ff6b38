import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { Pool } from 'pg';
import { Refusal } from '../../domain/failure';
import type { OrganizationId } from '../../domain/ids';
import { SignerUnavailable } from '../../ledger/signer-errors';
import { createStore, type Store } from '../../store';
import { createLedgerDoor, type LedgerDoor, withLedgerDoor } from '../../store/ledger-door';
import { behindTheDoor } from '../../workers/behind-the-door';
import { minuteRound } from '../../workers/every-minute';
import { refuseIfBehind, unexpectedlyBehind } from '../../workers/ledger-behind';
import { copyOf } from '../e2e/deployment/database-copy';
import { provided } from '../harness/variables';
import { DEPLOYMENT, type Opened, openStore } from './support/opened';
import { refused, Story } from './support/story';

let opened: Opened;
let story: Story;
let old: Store;
let door: LedgerDoor;
let behindDoor: Store;
let drop: () => Promise<void>;
/** The backup, as its owner. */
let copied: Pool;
const logged: object[] = [];
const log = (fields: object) => void logged.push(fields);
const noCanary = { ask: async () => ({ result: 'passes' }) } as never;

/** An organization whose handoff came after the backup, and a store over that backup, behind its door. */
beforeEach(async () => {
  opened = await openStore();
  logged.length = 0;
  story = await Story.at(opened.store, 'handoff');
  const { ownerUrl, appUrl: url } = opened;
  const copy = await copyOf({ url, ownerUrl, adminUrl: provided('postgres'), drop: async () => undefined });
  drop = copy.drop;
  copied = new Pool({ connectionString: copy.ownerUrl, max: 1 });
  const options = {
    url: copy.url,
    deployment: DEPLOYMENT,
    mode: 'development',
    random: randomBytes,
  } as const;
  old = createStore(options, opened.signer, { warn: log });
  door = createLedgerDoor(
    { store: old, signer: opened.signer, deployment: DEPLOYMENT },
    { warn: log, error: log },
  );
  behindDoor = withLedgerDoor(old, door);
});
afterEach(async () => {
  await old.close();
  await copied.end();
  await drop();
  await opened.close();
});

const signedFurther = async () => {
  await story.handOff();
  await opened.store.publishCheckpoint(story.organization);
};
/** A call, a refusal that isn't the first, and one of content, of each. */
const countedAMinuteAgo = async (...organizations: readonly OrganizationId[]) => {
  for (const organization of organizations)
    for (const text of [
      `INSERT INTO usage (organization_id, at, key_ref, purpose, operations) VALUES ($1, now() - interval '2 minutes', 'k', 'mixed', 1)`,
      `INSERT INTO refusal_count (organization_id, subject, minute, pending, code) VALUES ($1, 'order', date_trunc('minute', now()) - interval '2 minutes', 3, 'ORDER_EXPIRED')`,
      `UPDATE content_refusal SET minute = minute - interval '2 minutes' WHERE organization_id = $1`,
    ])
      await copied.query(text, [organization]);
};
const order = () => ({ ...story.unfenced(story.orderChange(9)), idempotencyKey: 'order/9' });

test('a running process notices at its next write, before anything is appended', async () => {
  await door.look();
  expect(door.closed.size).toBe(0);
  await expect(door.demandCurrent(story.organization)).resolves.toBeUndefined();
  const { size } = await old.ledgerHead(story.organization);
  await signedFurther();
  await expect(behindDoor.commit(order())).rejects.toEqual(refused('LEDGER_BEHIND'));
  expect((await old.ledgerHead(story.organization)).size).toBe(size);
  expect(() => door.demandOpen(story.organization)).toThrow(Refusal);
  expect(door.closed.get(story.organization)?.organization.name).toBe(story.name);
});

test('while it is closed nothing is appended by any way, other organizations go on, and the round ends well', async () => {
  await signedFurther();
  const other = await Story.created(old);
  await door.look();
  expect([...door.closed.values()]).toEqual([
    expect.objectContaining({
      organization: expect.objectContaining({ name: story.name }),
      relation: 'behind',
    }),
  ]);
  const { size } = await old.ledgerHead(story.organization);
  const { organization } = story;
  await expect(
    behindDoor.claim({
      organization: story.name,
      kind: 'activate',
      claimant: 'x',
      actor: { kind: 'system', name: 'x' },
    }),
  ).rejects.toEqual(refused('LEDGER_BEHIND'));
  await expect(
    behindDoor.recordRefusal({
      organization,
      subject: 'order',
      code: 'FORBIDDEN',
      actor: { kind: 'system', name: 'x' },
    }),
  ).rejects.toEqual(refused('LEDGER_BEHIND'));
  await old.refused(organization, 'KEY_DISABLED', null);
  await old.refused(other.organization, 'KEY_DISABLED', null);
  await countedAMinuteAgo(organization, other.organization);
  await minuteRound(behindDoor, noCanary, door.closed);
  expect((await old.ledgerHead(organization)).size).toBe(size);
  expect(await behindDoor.recordIncidents(async () => 'customer', other.organization)).toBe(0);
  expect((await old.openIncident(other.organization))?.openedIndex).not.toBeNull();
  const counted = (await old.ledgerLines(other.organization, 0, 100))
    .map(({ entry }) => JSON.parse(entry) as { type: string; body: { subject?: string } })
    .filter(({ type }) => type === 'usage' || type === 'refusal');
  expect(counted.map(({ type, body }) => body.subject ?? type)).toEqual(['usage', 'order', 'content']);
  expect(await old.unsignedLedgers()).not.toContain(other.organization);
  // What was counted of the closed one waits for its restore.
  expect(await old.rollUpUsage(await old.now())).toBe(1);
  expect(await old.flushRefusals()).toBe(2);
  expect(await old.recordIncidents(async () => 'customer')).toBe(1);
});

test('no worker starts while one is behind, but for those of which it is said that they stay so', async () => {
  const { size } = await old.ledgerHead(story.organization);
  await signedFurther();
  const behind = `${story.name} (behind: ${size} entries, ${size + 1} signed)`;
  await expect(refuseIfBehind(door, [])).rejects.toThrow(behind);
  await expect(refuseIfBehind(door, [story.organization])).resolves.toBeUndefined();
  // It stays closed for all that.
  await expect(behindDoor.commit(order())).rejects.toEqual(refused('LEDGER_BEHIND'));
  const other = await Story.created(old);
  await old.publishCheckpoint(other.organization);
  const ahead = async () => ({ size: 1_000, root: new Uint8Array(32) });
  const signer = {
    lastHead: ahead,
    lastHeads: async (origins: readonly string[]) =>
      new Map(await Promise.all(origins.map(async (each) => [each, await ahead()] as const))),
  };
  const wider = createLedgerDoor({ store: old, signer, deployment: DEPLOYMENT }, { warn: log, error: log });
  await expect(refuseIfBehind(wider, [story.organization])).rejects.toThrow(other.name);
  expect(unexpectedlyBehind(wider, [story.organization]).map(({ organization }) => organization.id)).toEqual([
    other.organization,
  ]);
});

test('it opens by itself once the database is as it was signed, and says both once', async () => {
  await signedFurther();
  await door.look();
  await door.look();
  const restored = createLedgerDoor(
    { store: opened.store, signer: opened.signer, deployment: DEPLOYMENT },
    { warn: log, error: log },
  );
  await restored.look();
  expect(restored.closed.size).toBe(0);
  expect(logged.filter((each) => 'event' in each && each.event === 'ledger.behind')).toHaveLength(1);
});

test('another past of the same length is found, and a signer that is away closes nothing', async () => {
  await signedFurther();
  await old.commit(order());
  await door.look();
  expect(door.closed.get(story.organization)?.relation).toBe('forked');
  const isAway = () => Promise.reject(new SignerUnavailable('away'));
  const away = { lastHead: isAway, lastHeads: isAway };
  const blind = createLedgerDoor(
    { store: old, signer: away, deployment: DEPLOYMENT },
    { warn: log, error: log },
  );
  await expect(blind.demandCurrent(story.organization)).resolves.toBeUndefined();
  await expect(blind.look()).rejects.toThrow('away');
});

test('an activity of it is neither begun nor refused for good: it waits', async () => {
  const factory = behindTheDoor(door);
  const execute = factory({} as never).inbound?.execute;
  if (execute === undefined) throw new Error('no interceptor');
  const stale = ApplicationFailure.create({ type: 'OPERATION_STALE', message: 'x', nonRetryable: true });
  const run = (args: unknown[], next: () => Promise<unknown>) => execute({ args, headers: {} }, next);
  const step = { organization: { id: story.organization, name: story.name } };
  const waits = expect.objectContaining({ type: 'LEDGER_BEHIND', nonRetryable: false });

  const look = jest.spyOn(door, 'look');
  for (const args of [[step], [undefined]])
    await expect(run(args, async () => Promise.reject(stale))).rejects.toBe(stale);
  // Which one it is about is known, or it is about none: nobody else is asked about.
  expect(look).not.toHaveBeenCalled();
  await expect(run([{ name: story.name }], async () => Promise.reject(stale))).rejects.toBe(stale);
  expect(look).toHaveBeenCalledTimes(1);
  await signedFurther();
  // What the older database says isn't an answer.
  await expect(run([step], async () => Promise.reject(stale))).rejects.toEqual(waits);
  const begun = jest.fn(async () => 'done');
  const telling = { notice: { organization: story.name }, recipient: {} };
  for (const named of [step, { organization: story.name }, { name: story.name }, telling])
    await expect(run([named], begun)).rejects.toEqual(waits);
  expect(begun).not.toHaveBeenCalled();
  await expect(run([undefined], begun)).resolves.toBe('done');
});
