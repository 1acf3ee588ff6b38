import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { publicationIn } from '../../ledger/publication-archive';
import { BUCKET, type OperatorsBucket, operatorsBucket } from '../conformance/archive/operators-bucket';
import { auditing } from './support/audit';
import { type Opened, openStore } from './support/opened';
import { backupOf, rowsNow } from './support/restored';
import { Story } from './support/story';

let opened: Opened;
let bucket: OperatorsBucket;
let audit: Awaited<ReturnType<typeof auditing>>;
beforeEach(async () => {
  opened = await openStore();
  bucket = await operatorsBucket();
  audit = await auditing(opened, bucket.archive());
});
afterEach(async () => {
  audit.remove();
  await bucket.close();
  await opened.close();
});
/** Another process, which remembers nothing. */
const anew = () => audit.run({ publication: publicationIn(bucket.archive()) });
const differs = [{ finding: 'publication-differs' }];

test('inv02: an audit publishes to a bucket, and a backup of the database is brought back from there', async () => {
  const story = await Story.created(opened.store);
  expect((await audit.run()).found).toEqual([]);
  const old = await backupOf(opened, audit);
  await story.order();
  await story.claim();
  await story.confirmEntitlement();
  await story.connect();
  await story.verify();
  expect((await audit.run()).found).toEqual([]);
  expect(await bucket.names()).toHaveLength(2);
  expect(await old.restore()).toMatchObject([{ result: 'restored' }]);
  expect(await old.rows()).toEqual(await rowsNow(opened));
  await old.drop();
});

test('inv02: what whole audits bound into books is what a restore reads', async () => {
  const story = await Story.created(opened.store);
  const publication = publicationIn(bucket.archive(), { entries: 2, characters: 10_000 });
  expect((await audit.run({ publication })).found).toEqual([]);
  const old = await backupOf(opened, audit);
  for (const step of ['order', 'claim', 'confirmEntitlement', 'connect', 'verify'] as const) {
    await story[step]();
    expect((await audit.run({ publication })).found).toEqual([]);
  }
  expect((await bucket.names()).filter((name) => name.includes('/books/')).length).toBeGreaterThan(1);
  const gets = () => bucket.records.filter(({ operation }) => operation === 'get-object').length;
  const before = gets();
  expect(await old.restore()).toMatchObject([{ result: 'restored' }]);
  expect(gets() - before).toBeLessThan((await bucket.names()).length / 2);
  expect(await old.rows()).toEqual(await rowsNow(opened));
  await old.drop();
});

test('inv09: what somebody took away from the bucket, or put in its place, is found; nothing is written over it', async () => {
  const story = await Story.created(opened.store);
  await audit.run();
  await story.order();
  await audit.run();
  const [first = '', second = ''] = await bucket.names();
  const at = (name: string) => ({ Bucket: BUCKET, Key: `smsk/${name}` });
  const { Body } = await bucket.admin.send(new GetObjectCommand(at(first)));
  const kept = (await Body?.transformToString()) ?? '';
  expect((await anew()).found).toEqual([]);
  await bucket.admin.send(new DeleteObjectCommand(at(first)));
  expect((await anew()).found).toEqual(differs);
  const altered = kept.replace(/"size":\d+/, '"size":1');
  await bucket.admin.send(new PutObjectCommand({ ...at(first), Body: altered }));
  expect((await anew()).found).toEqual(differs);
  await bucket.admin.send(new PutObjectCommand({ ...at(first), Body: kept }));
  expect((await anew()).found).toEqual([]);
  // The one that went furthest: whoever has seen it doesn't pass it over.
  await bucket.admin.send(new DeleteObjectCommand(at(second)));
  expect((await audit.run()).found).toEqual(differs);
});

test('a bucket that can’t be used is our trouble: the ledger is audited all the same, and published when it can be', async () => {
  const story = await Story.created(opened.store);
  const fault = bucket.emulator.inject({
    match: { service: 's3' },
    effect: { kind: 'error', code: 'AccessDenied', status: 403 },
  });
  expect((await audit.run()).found).toEqual([{ finding: 'not-published' }]);
  await opened.sql(`ALTER TABLE ledger_entry DISABLE TRIGGER USER`);
  const rows = [story.organization];
  await opened.sql(`DELETE FROM ledger_entry WHERE organization_id = $1 AND index = 0`, rows);
  expect((await audit.run()).found).toEqual([
    { finding: 'entry-missing', index: 0 },
    { finding: 'not-published' },
  ]);
  bucket.emulator.clearFaults(fault);
  expect(await bucket.names()).toEqual([]);
});
