import { randomBytes, randomUUID } from 'node:crypto';
import { newConnection } from '../../../domain/connection';
import type { ConnectionId, KeyVersion, OrganizationId } from '../../../domain/ids';
import type { Provider, Verifier } from '../../../domain/ports/provider';
import { sharedAzureWorld } from '../provider-contract/azure-world';
import { everythingOf, failureOf } from '../provider-contract/contract';
import { referencedAws } from './aws-customer';
import { referencedAzure } from './azure-customer';
import type { Book, Stated } from './book';

const never = (): AbortSignal => new AbortController().signal;
const azureWorld = sharedAzureWorld();

interface Subject {
  readonly provider: Provider;
  readonly verifier: Verifier;
  readonly book: Book;
  readonly stated: Stated;
  connect(name: string): Parameters<Verifier['verify']>[0];
  /** Calls that anybody made to anything so far. */
  calls(): number;
  close(): Promise<void>;
}

const subjects: Record<string, () => Promise<Subject>> = {
  'AWS KMS': async () => {
    const f = await referencedAws();
    return {
      ...f,
      connect: (name) => f.connect({ name }),
      calls: () => f.reads.length + f.records.length + f.world.emulator.lastSequence(),
    };
  },
  'Azure Key Vault': async () => {
    const f = await referencedAzure(azureWorld());
    return {
      ...f,
      connect: (reference) => f.connect({ reference }),
      calls: () => f.records.length + f.emulator.lastSequence(),
    };
  },
};

describe.each(Object.entries(subjects))('%s', (_, start) => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await start();
  });
  afterEach(() => subject.close());

  /** What whoever entered the name hears, and what was done for it. */
  const answerTo = async (name: string) => {
    const { provider, verifier, book } = subject;
    const connection = subject.connect(name);
    const [asked, called] = [book.asked, subject.calls()];
    const context = { organization: connection.organization, purpose: 'workspace-key' as const };
    const failure = await failureOf(
      provider.wrap(connection, randomBytes(32), { ...context, keyVersion: 1 as KeyVersion }, never()),
    );
    const { findings } = await verifier.verify(connection, never());
    return {
      failure: everythingOf({ ...failure, message: failure.message }),
      findings,
      asked: book.asked - asked,
      called: subject.calls() - called,
    };
  };

  test('another organization’s name, another key’s, a withdrawn one: all answered as one that nobody has', async () => {
    const { book, stated } = subject;
    book.register({ ...stated, name: 'anothers', organization: randomUUID() as OrganizationId });
    book.register({ ...stated, name: 'for-another-key', key: `${stated.key}-2` });
    book.register({
      ...stated,
      name: 'for-another-provider',
      provider: stated.provider === 'aws-kms' ? 'azure-key-vault' : 'aws-kms',
    });
    book.register({ ...stated, name: 'withdrawn' });
    book.withdraw({ ...stated, name: 'withdrawn' });

    const unknown = await answerTo('nobodys');
    expect(unknown).toMatchObject({ asked: 2, called: 0 });
    expect(unknown.findings[0]).toEqual({
      ...{ check: 'credential-reference', result: 'failed', code: 'REFERENCE_UNKNOWN', requestId: null },
    });
    for (const name of ['anothers', 'for-another-key', 'for-another-provider', 'withdrawn'])
      expect(await answerTo(name)).toEqual(unknown);
  });

  test('entries that can’t be read are CREDENTIAL_UNAVAILABLE, and nothing of why is told', async () => {
    const marker = `leak-${randomBytes(8).toString('hex')}`;
    subject.book.find = () => Promise.reject(new Error(`postgres://${marker}`));
    const { failure, findings } = await answerTo(subject.stated.name);
    expect(findings[0]).toMatchObject({ code: 'CREDENTIAL_UNAVAILABLE' });
    expect(failure).not.toContain(marker);
  });

  test('one entry serves its organization alone, whatever else is the same', async () => {
    const mine = subject.connect(subject.stated.name);
    expect((await subject.verifier.verify(mine, never())).findings[0]).toMatchObject({ result: 'ok' });
    const theirs = newConnection(
      randomUUID() as ConnectionId,
      randomUUID() as OrganizationId,
      mine.externalId,
      mine.input,
    );
    const called = subject.calls();
    expect((await subject.verifier.verify(theirs, never())).findings[0]).toMatchObject({
      code: 'REFERENCE_UNKNOWN',
    });
    expect(subject.calls()).toBe(called);
  });
});
