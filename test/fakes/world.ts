import { randomBytes } from 'node:crypto';
import { createCustodyActivities, createPlatformActivities, type Settings } from '../../activities';
import type { OrganizationId } from '../../domain/ids';
import { CONTROL_UNKNOWN, type ControlOutcome } from '../../domain/ports/control-probe';
import type { Reminder } from '../../domain/ports/notifier';
import { BACKUP_RETENTION_DAYS, ROTATION_RULE } from '../../domain/rotation';
import { fakeAuthority, fakeStatements } from './authority';
import { Effects, type Fault } from './effects';
import { FakeCustomerKeys, FakePlatform } from './key-service';
import { FakeNotices } from './notices';
import { FakeStore } from './store';

export const QUICK_SETTINGS: Settings = {
  operationDeadlineMs: 20,
  platformRefusals: { count: 3, overMs: 40 },
  historyEvents: 4_000,
  providerCallMs: 5_000,
  verificationMs: 5_000,
  rotation: ROTATION_RULE,
  backupRetentionDays: BACKUP_RETENTION_DAYS,
};

/** Everything outside the workflows, made of fakes: one per test, so that none sees another's. */
export function createWorld(options: {
  now: () => Promise<number>;
  settings?: Partial<Settings>;
  /** What goes wrong with one side effect. */
  fault?: Fault | null;
  /** What goes wrong with one call of an activity by the server. */
  callFault?: Fault | null;
}) {
  const effects = new Effects(options.fault ?? null);
  const calls = new Effects(options.callFault ?? null);
  const settings = { ...QUICK_SETTINGS, ...options.settings };
  const { count: refusals, overMs } = settings.platformRefusals;
  const store = new FakeStore(effects, options.now, { refusals, overMs });
  const customer = new FakeCustomerKeys(effects);
  const platform = new FakePlatform(effects, options.now);
  const reminders: Reminder[] = [];
  const logged: object[] = [];
  const log = (fields: object) => void logged.push(fields);
  const minted: Uint8Array[] = [];
  const shared = {
    store,
    provider: customer,
    statements: fakeStatements,
    authority: fakeAuthority,
    settings,
    epochFloor: async (organization: OrganizationId) => store.epochFloor(organization),
    random: (bytes: number) => {
      const made = new Uint8Array(randomBytes(bytes));
      minted.push(made);
      return made;
    },
    logger: { info: log, warn: log, error: log },
  };
  /** What our own canary answers, where it's asked. */
  const canary: { outcome: ControlOutcome; asked: number } = { outcome: CONTROL_UNKNOWN, asked: 0 };
  const controlProbe = {
    outcome: async () => {
      canary.asked += 1;
      return canary.outcome;
    },
  };
  const removed: string[] = [];
  const histories = {
    remove: async ({ runId }: { runId: string }) => {
      removed.push(runId);
      return 'gone' as const;
    },
  };
  const notices = new FakeNotices(effects, store);
  const notifier = { remind: async (reminder: Reminder) => void reminders.push(reminder) };
  return {
    effects,
    calls,
    store,
    customer,
    platform,
    canary,
    reminders,
    notices,
    logged,
    minted,
    removed,
    custody: called(
      calls,
      createCustodyActivities({ ...shared, verifier: customer, controlProbe, notifier, notices, histories }),
    ),
    operator: called(calls, createPlatformActivities({ ...shared, keys: platform, control: platform })),
  };
}
export type World = ReturnType<typeof createWorld>;

type Activities = Record<string, (input: never) => Promise<unknown>>;

/** Activities as the server calls them: a call can be lost, or its answer. */
function called<T extends Activities>(calls: Effects, activities: T): T {
  const traced = Object.entries(activities).map(([name, activity]) => [
    name,
    (input: never) => calls.run(name, () => activity(input)),
  ]);
  return Object.fromEntries(traced) as T;
}
