import { durationText } from '../../domain/duration';
import type { FaultInput } from '../../emulators/aws/faults';
import { CUSTOMER_REGION } from './aws-customer';
import type { Cast } from './cast';
import { awsFails } from './faults';
import { incidentCloses, incidentOpens } from './incident';
import { entriesOf } from './ledger-entry';
import { readBack, refused } from './off-switch';
import type { Chapter } from './report';
import type { Services } from './services';

/** What a provider does to one organization, and how it is told. */
interface Outage {
  readonly step: string;
  readonly fault: FaultInput;
  /** Of the incident. */
  readonly code: string;
  readonly ended: string;
}

/**
 * A key service that accepts and never answers, and one that fails for a whole region: what it costs whom it happens to,
 * and what it costs others.
 */
export async function playOutages(
  chapter: Chapter,
  services: Services,
  casts: readonly Cast[],
): Promise<void> {
  const struck = casts.find(({ customer }) => customer.provider === 'aws-kms');
  const other = casts.find(({ customer }) => customer.provider !== 'aws-kms');
  if (struck === undefined || other === undefined)
    throw new Error('an outage needs one to strike and one to spare');
  await playOutage(chapter, services, struck, other, {
    step: 'KMS hangs',
    fault: { match: { service: 'kms', principalAccount: struck.customer.account }, effect: { kind: 'hang' } },
    code: 'DEADLINE_EXCEEDED',
    ended: 'KMS answers',
  });
  await playOutage(chapter, services, struck, other, {
    step: 'region fails',
    fault: {
      match: { region: CUSTOMER_REGION },
      effect: { kind: 'error', code: 'InternalFailure', status: 500 },
    },
    code: 'PROVIDER_TRANSIENT',
    ended: 'region is back',
  });
}

async function playOutage(
  chapter: Chapter,
  services: Services,
  struck: Cast,
  other: Cast,
  { step, fault, code, ended }: Outage,
): Promise<void> {
  const { org, support } = struck;
  const [before] = await entriesOf(support, org, 'incident-opened', (body) => body['code'] === code);
  if (before !== undefined) {
    const words = `an incident, ${code}, and its end`;
    return chapter.step(org, step, async () => ({ words, entry: before, done: true }));
  }
  let mend = async (): Promise<void> => undefined;
  await chapter.step(org, step, async () => {
    mend = await awsFails(services, fault);
    const [theirs, others] = await Promise.all([
      timed(() => refused(() => readBack(struck))),
      timed(() => readBack(other)),
    ]);
    const spared = `${other.org} reads on, in ${durationText(others.ms)}`;
    return { words: `after ${durationText(theirs.ms)}: ${theirs.value.words}; ${spared}`, entry: null };
  });
  const incident = await incidentOpens(chapter, support, org);
  await chapter.step(org, ended, async () => {
    await mend();
    await readBack(struck);
    return { words: 'the next read works; nobody intervened, nothing was bypassed', entry: null };
  });
  await incidentCloses(chapter, support, org, incident);
}

async function timed<T>(act: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const began = performance.now();
  return { value: await act(), ms: performance.now() - began };
}
