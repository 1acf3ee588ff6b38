import { ApplicationFailure } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Refusal } from '../domain/failure';
import type { OrganizationId } from '../domain/ids';
import type { LedgerDoor } from '../store/ledger-door';

/**
 * An activity of an organization whose database was put back waits, and its run with it: what an old database says, that
 * the operation is at an earlier stage, say, is no answer to record. It is tried again as its policy says, and goes on
 * once the ledger is as it was signed.
 */
export const behindTheDoor =
  (door: LedgerDoor): ActivityInterceptorsFactory =>
  () => ({
    inbound: {
      async execute(input, next) {
        const named = organizationIn(input.args[0]);
        if (await isStillClosed(door, named)) throw waiting();
        try {
          return await next(input);
        } catch (error) {
          const isFinal = error instanceof ApplicationFailure && error.nonRetryable === true;
          if (isFinal && (await turnsOutClosed(door, named))) throw waiting();
          throw error;
        }
      },
    },
  });

/** Asked anew at each try, so it goes on with the first one after the restore. */
async function isStillClosed(door: LedgerDoor, named: Named | null): Promise<boolean> {
  const id = closedId(door, named);
  if (id === null) return false;
  await door.demandCurrent(id).catch(() => undefined);
  return door.closed.has(id);
}

/** One that is named by its id is asked about; for a name's sake all are. */
async function turnsOutClosed(door: LedgerDoor, named: Named | null): Promise<boolean> {
  if (named === null) return false;
  const asked = named.by === 'id' ? door.demandCurrent(named.id) : door.look();
  // Database or signer may not answer now: then the refusal stands as it was given.
  await asked.catch(() => undefined);
  return closedId(door, named) !== null;
}

function closedId({ closed }: LedgerDoor, named: Named | null): OrganizationId | null {
  if (named?.by === 'id') return closed.has(named.id) ? named.id : null;
  for (const [id, { organization }] of closed)
    if (id === named?.text || organization.name === named?.text) return id;
  return null;
}

type Named =
  | { readonly by: 'id'; readonly id: OrganizationId }
  /** Its name, or its id: it isn't said which. */
  | { readonly by: 'text'; readonly text: string };

/** Activities name an organization in one of these forms, or in the notice that they tell; those of sweeps and audits name none. */
function organizationIn(input: unknown): Named | null {
  if (!(input instanceof Object)) return null;
  if ('notice' in input) return organizationIn(input.notice);
  const { organization, name } = input as { organization?: unknown; name?: unknown };
  if (typeof organization === 'string') return { by: 'text', text: organization };
  if (organization instanceof Object && 'id' in organization && typeof organization.id === 'string')
    return { by: 'id', id: organization.id as OrganizationId };
  return typeof name === 'string' ? { by: 'text', text: name } : null;
}

function waiting(): ApplicationFailure {
  const { code, message } = new Refusal('LEDGER_BEHIND');
  const failure = ApplicationFailure.create({ type: code, message, nonRetryable: false, category: 'BENIGN' });
  failure.stack = '';
  return failure;
}
