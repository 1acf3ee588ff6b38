import { randomBytes } from 'node:crypto';
import { createStatementVerifier } from '../../authority';
import { folderAt } from '../../ledger/publication';
import { publicationIn } from '../../ledger/publication-archive';
import { waitUntil } from '../../scripts/parts/wait';
import { createStore, type Store } from '../../store';
import { restoreAll } from '../../workers/restore/restoring';
import { Arrangement } from './deployment/arrangement';
import { copyOf } from './deployment/database-copy';
import { type Deployment, openDeployment } from './deployment/deployment';
import { startWorkers } from './deployment/workers';

const WITHIN_MS = 40_000;

/**
 * The database is put back to before the activation went live, while the run in Temporal stands at its handoff: its next
 * step waits and changes nothing; once the database is restored it goes on.
 */
describe('PostgreSQL restored older than Temporal, and than the signer’s head', () => {
  let deployment: Deployment;
  let acme: Arrangement;
  let old: Store;
  let handedOff: Promise<unknown>;
  const publication = () => {
    const { config, path } = deployment.runtime;
    if (config.publication?.kind !== 'folder') throw new Error('it isn’t published into a folder');
    return publicationIn(folderAt(path(config.publication.folder)));
  };
  const head = async (store: Store) => (await store.ledgerHead(acme.organization.id)).size;

  beforeAll(async () => {
    deployment = await openDeployment();
    const stop = await startWorkers(deployment);
    acme = await Arrangement.create(deployment, 'acme');
    await acme.reach('approval');
    const backup = await copyOf(deployment.database);
    await acme.reach('handoff');
    const isPublished = async () =>
      (await publication().latest(acme.organization.id))?.size === (await head(deployment.store));
    if (!(await waitUntil(isPublished, WITHIN_MS, 50))) throw new Error('the heads weren’t published');
    await stop();

    const { runtime, signer, log } = deployment;
    const { deployment: name, mode, databaseUrlFile } = runtime.config;
    const secret = (file: string) => (file === databaseUrlFile ? backup.url : runtime.secret(file));
    old = createStore({ url: backup.url, deployment: name, mode, random: randomBytes }, signer, log.logger);
    deployment.running.push(async () => {
      await old.close();
      await backup.drop();
    });
    await startWorkers({ ...deployment, runtime: { ...runtime, secret } });
    const contacts = [{ name: 'Ada', email: 'ada@acme.example', duty: 'escalation' }];
    handedOff = acme.send('recordHandoff', { contacts, runbook: ['https://acme.example/runbook'] });
    handedOff.catch(() => undefined);
  });
  afterAll(() => deployment?.close());

  test('the run’s next step waits, says why, and nothing is appended', async () => {
    const before = await head(old);
    const waits = async () => {
      const { raw } = await acme.handle.describe();
      return (raw.pendingActivities ?? []).some(
        ({ lastFailure }) => lastFailure?.applicationFailureInfo?.type === 'LEDGER_BEHIND',
      );
    };
    expect(await waitUntil(waits, WITHIN_MS, 100)).toBe(true);
    expect(await head(old)).toBe(before);
    expect(before).toBeLessThan(await head(deployment.store));
  });

  test('restored, it goes on where it stood, to its end', async () => {
    const { signer, runtime } = deployment;
    const { deployment: name } = runtime.config;
    const statements = createStatementVerifier([(await signer.keys()).custodyJwk]);
    const deps = { store: old, signer, publication: publication(), statements, deployment: name };
    const results: unknown[] = [];
    for await (const each of restoreAll(deps, { only: null, isDry: false })) results.push(each);
    expect(results).toEqual([expect.objectContaining({ name: 'acme', result: 'restored' })]);
    await handedOff;
    expect(await acme.result()).toMatchObject({ outcome: 'completed' });
    const lines = await old.ledgerLines(acme.organization.id, 0, 1000);
    const types = lines.map(({ entry }) => (JSON.parse(entry) as { type: string }).type);
    expect(types.filter((type) => type === 'handoff-recorded')).toHaveLength(1);
    expect(types.filter((type) => type === 'custody-switched')).toHaveLength(2);
    expect(await old.platformEnvelopes(acme.organization.id)).toEqual([]);
    expect(await old.auditRows()).toEqual([]);
  });
});
