import type { Code } from './codes';
import type { ApprovedKind } from './custody';
import type { OperationStage, Outcome } from './stages';

/** What the switch of an operation of each kind has done, and what goes on after it by itself. */
export const SWITCHED: Readonly<Record<ApprovedKind, { readonly done: string; readonly follows: string }>> = {
  activate: {
    done: 'custody has moved from the platform key to the customer’s',
    follows: 'the platform key is being shut off, and its envelopes erased',
  },
  'change-connection': {
    done: 'custody has moved from the customer’s former key to the new one',
    follows: 'the former key’s envelopes are being erased',
  },
  offboard: {
    done: 'custody has moved from the customer’s key to a new platform key',
    follows: 'the envelopes under the customer’s key are being erased',
  },
};

/** What an operation that has ended without its switch leaves as it was. */
const UNCHANGED: Readonly<Record<ApprovedKind, string>> = {
  activate: 'custody stays with the platform key',
  'change-connection': 'the connection in use stays in use',
  offboard: 'custody stays with the customer’s key',
};

/** How an operation of a kind ended, in one sentence without its full stop. */
export function endedText(kind: ApprovedKind, outcome: Outcome, reason: Code | null): string {
  const why = reason === null ? '' : ` (${reason})`;
  return `${outcome}${why}: ${outcome === 'completed' ? SWITCHED[kind].done : `nothing has changed; ${UNCHANGED[kind]}`}`;
}

/** Why an operation can't be cancelled any more, by where it stands. */
export function tooLateText(kind: ApprovedKind, stage: OperationStage, outcome: Outcome | null): string {
  switch (stage) {
    case 'sealing':
    case 'handoff':
      return `${SWITCHED[kind].done}, which is not undone by cancelling`;
    case 'closed':
      return `it has ended already${outcome === null ? '' : `, as ${outcome}`}`;
    case 'entitlement':
    case 'setup':
    case 'verification':
    case 'dry-run':
    case 'approval':
    case 'live':
      return 'the switch is under way or done, which is not undone by cancelling; or it has ended meanwhile';
    default: {
      const unknown: never = stage;
      throw new Error(`unknown stage ${String(unknown)}`);
    }
  }
}
