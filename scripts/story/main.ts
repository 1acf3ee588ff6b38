// Boots everything and tells the story; `scripts/up --help` says how.
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Part, stopParts } from '../parts/process';
import { withProgress } from '../parts/progress';
import { claimState, removeState } from '../parts/state';
import { activate, createOrganization } from './activation';
import { bootOnFreePorts } from './boot-on-free-ports';
import { type Cast, castOf, supportClient } from './cast';
import { exportEvidence } from './evidence';
import { playOffSwitch, writeBefore } from './off-switch';
import { type StoryOptions, storyOptions, USAGE } from './options';
import { Report, StepFailed } from './report';
import type { Services } from './services';
import { writeTrust } from './trust';
import { whereToLook } from './where-to-look';

const say = (line: string): void => console.log(line);

/** Over how long the platform key must refuse: production's minute would make nobody's first look better. */
const SEALING_OVER_MS = 5_000;

const ORGANIZATIONS = [{ org: 'acme', accountId: '111122223333' }] as const;

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
  say('');
  const support = await supportClient(stateDir, services);
  const casts: Cast[] = [];
  for (const { org, accountId } of ORGANIZATIONS) {
    await createOrganization(report, support, org);
    const cast = await castOf(stateDir, services, support, org, accountId);
    casts.push(cast);
    await writeBefore(report, cast);
    await activate(report, services, cast);
    await playOffSwitch(report, cast);
  }
  const { evidence } = options;
  if (evidence === null) return;
  mkdirSync(evidence, { recursive: true });
  const trustFile = await writeTrust(services, casts, evidence);
  for (const { org } of casts) await exportEvidence(report, support, org, join(evidence, org), trustFile);
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
