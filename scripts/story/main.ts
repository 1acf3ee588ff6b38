// Boots everything and tells the story; `scripts/up --help` says how.
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Part, stopParts } from '../parts/process';
import { withProgress } from '../parts/progress';
import { claimState, removeState } from '../parts/state';
import { activate, createOrganization } from './activation';
import { allOf } from './all-of';
import { bootOnFreePorts } from './boot-on-free-ports';
import { type Cast, castOf, type Starring, supportClient } from './cast';
import { playDrift } from './drift';
import { playEntitlement } from './entitlement';
import { exportEvidence } from './evidence';
import { playOffSwitch, writeBefore } from './off-switch';
import { isLeaving, playOffboarding, tellWhatWasPlayed } from './offboarding';
import { type StoryOptions, storyOptions, USAGE } from './options';
import { playOutages } from './outages';
import { Report, StepFailed } from './report';
import { playRotation } from './rotation';
import type { Services } from './services';
import { writeTrust } from './trust';
import { whereToLook } from './where-to-look';
import { wordsOf } from './words';

const say = (line: string): void => console.log(line);

/** Over how long the platform key must refuse: production's minute would make nobody's first look better. */
const SEALING_OVER_MS = 5_000;

const ORGANIZATIONS: readonly Starring[] = [
  { org: 'acme', adminName: 'ada', orderRef: 'SO-1001', provider: 'aws-kms', account: '111122223333' },
  {
    ...{ org: 'globex', adminName: 'gail', orderRef: 'SO-1002' },
    ...{ provider: 'azure-key-vault', account: '1111abcd-2222-4333-8444-555566667777' },
  },
];
/** The other one stays in customer custody, to be looked at. */
const LEAVES = 'globex';

async function main(): Promise<void> {
  const options = storyOptions(process.argv.slice(2));
  if (options === null) return say(USAGE);
  const stateDir = options.once
    ? throwAway()
    : resolve(options.stateDir ?? join(__dirname, '..', '..', '.smsk', 'state'));
  if (options.fresh) removeState(stateDir);
  const claim = await claimState(stateDir);
  const parts: Pick<Part, 'stop'>[] = [];
  const interrupted = new Promise<'interrupted'>((resolve) => {
    process.once('SIGINT', () => resolve('interrupted'));
    process.once('SIGTERM', () => resolve('interrupted'));
  });
  const report = new Report(say);
  try {
    const services = await Promise.race([
      bootOnFreePorts({ stateDir, durable: !options.once, sealingOverMs: SEALING_OVER_MS, say }, parts),
      interrupted,
    ]);
    if (services === 'interrupted') return;
    if ((await Promise.race([tell(report, stateDir, services, options), interrupted])) === 'interrupted')
      return;
    if (!options.once) {
      for (const line of whereToLook(services, stateDir)) say(line);
      await interrupted;
    }
  } finally {
    report.close();
    if (options.json !== null) report.write(options.json);
    await withProgress(say, 'stopping', stopParts(parts));
    claim.release();
    if (options.once) removeState(stateDir);
    if (!report.ok) process.exitCode = 1;
  }
}

async function tell(
  report: Report,
  stateDir: string,
  services: Services,
  options: StoryOptions,
): Promise<void> {
  const support = await supportClient(stateDir, services);
  const casts = await allOf(
    ORGANIZATIONS.map(async (starring): Promise<Cast> => {
      const { org, provider } = starring;
      const chapter = report.chapter(`${org}, which holds ${wordsOf(provider).key}`);
      try {
        await createOrganization(chapter, support, org);
        const cast = await castOf(stateDir, services, support, starring);
        await writeBefore(chapter, cast);
        await activate(chapter, services, cast);
        if (await isLeaving(cast)) await tellWhatWasPlayed(chapter, cast);
        else {
          await playOffSwitch(chapter, cast);
          await playRotation(chapter, cast);
          await playDrift(chapter, cast);
          await playEntitlement(chapter, services, cast);
        }
        return cast;
      } finally {
        chapter.end();
      }
    }),
  );
  const outages = report.chapter('when a key service fails: one customer’s key, then a whole region');
  await playOutages(outages, services, casts).finally(() => outages.end());
  for (const cast of casts.filter(({ org }) => org === LEAVES)) {
    const chapter = report.chapter(`${cast.org} leaves the arrangement, back to a platform key`);
    await playOffboarding(chapter, cast).finally(() => chapter.end());
  }
  for (const { customer } of casts) customer.close();
  const { evidence } = options;
  if (evidence === null) return;
  mkdirSync(evidence, { recursive: true });
  const trustFile = await writeTrust(services, casts, evidence);
  const chapter = report.chapter('evidence for auditors, to be checked offline');
  for (const { org } of casts) await exportEvidence(chapter, support, org, join(evidence, org), trustFile);
}

function throwAway(): string {
  const folder = mkdtempSync(join(tmpdir(), 'smsk-once-'));
  // PostgreSQL may run as another account than ours and has to walk through it.
  chmodSync(folder, 0o711);
  return folder;
}

main().catch((error: unknown) => {
  const known = error instanceof StepFailed || error instanceof TypeError;
  console.error(known ? error.message : error);
  process.exit(error instanceof TypeError ? 2 : 1);
});
