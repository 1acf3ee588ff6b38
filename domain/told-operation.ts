import { canonicalJson } from './canonical';
import { describeCode, EFFECT_TEXT } from './codes';
import { letter, type Mail } from './mail';
import type { OperationFacts, ToldKind } from './operation-facts';
import { endedText } from './operation-words';
import type { ToldOperation } from './told';

/** Its name; what is going to happen; what each side has to say to it, and how it is stopped. */
const STARTED: Readonly<
  Record<ToldKind, { readonly name: string; readonly text: string; readonly toDo: string }>
> = {
  'change-connection': {
    name: 'change of connection',
    text: 'Custody is to move to another key, account or credential of the customer’s. The new connection is verified, a plan is computed that changes nothing, and only that plan, once it is approved, is carried out. Reads and writes go on under the key in use until then.',
    toDo: 'Both sides must agree: the customer admin signs the plan, and it is launched after that. Whoever doesn’t want it: the customer rejects the plan (`smsk reject`), or either side ends the operation (`smsk cancel`). If nobody on the customer’s side knows of it, tell the operator’s support at once. Without the customer’s signature nothing changes.',
  },
  offboard: {
    name: 'offboarding',
    text: 'Custody is to move from the customer’s key back to a platform key of the operator’s, which ends the arrangement. The key in use is verified, a plan is computed that changes nothing, and only that plan, once both sides have approved it, is carried out. The customer’s key holds until then.',
    toDo: 'Both sides must approve: the customer admin signs the plan, and then an approver of the operator’s who isn’t the one that started it. Whoever doesn’t want it: the customer rejects the plan (`smsk reject`), or either side ends the operation (`smsk cancel`). If nobody on the customer’s side knows of it, tell the operator’s support at once. Without both approvals nothing changes.',
  },
};

/** What to do after each that was carried out. */
const COMPLETED: Readonly<Record<ToldKind, string>> = {
  'change-connection':
    'Keep the new key enabled. `smsk keys` says that the former one is safe to disable, and until when a backup needs it.',
  offboard:
    'The customer’s key has nothing left to open. `smsk keys` says that it is safe to disable, and until when a backup needs it.',
};

interface Words {
  readonly title: string;
  readonly text: string;
  readonly effect: string;
  readonly remedy: string;
}

export function operationWords({ kind, operation }: ToldOperation): Words {
  const { organization, kind: what, end } = operation;
  const { name, text, toDo } = STARTED[what];
  switch (kind) {
    case 'operation-started':
      return {
        title: `${organization.name}: ${article(what)} ${name} was started`,
        ...{ text, effect: EFFECT_TEXT.none, remedy: toDo },
      };
    case 'operation-ended': {
      const isDone = end?.outcome === 'completed';
      return {
        title: `${organization.name}: the ${name} ${isDone ? 'was carried out' : `ended without a change (${end?.outcome ?? 'open'})`}`,
        text: end === null ? text : sentence(endedText(what, end.outcome, end.reason)),
        effect: isDone ? 'Data is read and written as before; nothing was lost.' : EFFECT_TEXT.none,
        remedy: remedyOf(operation),
      };
    }
    default: {
      const unknown: never = kind;
      throw new Error(`unknown notice ${String(unknown)}`);
    }
  }
}

function remedyOf({ kind, end }: OperationFacts): string {
  if (end?.outcome === 'completed') return COMPLETED[kind];
  if (end?.reason != null) return `${describeCode(end.reason).remedy} Another may be started after that.`;
  return 'Nothing to do. Another may be started at any time.';
}

const article = (kind: ToldKind): string => (kind === 'offboard' ? 'an' : 'a');
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** As a mail. Nothing in it but our words, the organization's name, a role, codes and times. */
export function operationMail(told: ToldOperation, to: string, id: string): Mail {
  const { title, text, effect, remedy } = operationWords(told);
  const { deployment, operation, statusUrl } = told;
  const { end } = operation;
  return letter(deployment, { to, id }, title, [
    ['Organization', operation.organization.name],
    ['Operation', `${operation.id} (${operation.kind})`],
    ['Asked for by', operation.startedBy],
    ['What happened', text],
    ['Your data', effect],
    ['To do', remedy],
    ['Started', operation.openedAt],
    ['Ended', end && `${end.at} (${end.outcome}${end.reason === null ? '' : `, ${end.reason}`})`],
    ['Ledger entries', entriesOf(operation).join(', ')],
    ['Status', statusUrl],
  ]);
}

const entriesOf = ({ openedIndex, end }: OperationFacts): readonly number[] =>
  end === null ? [openedIndex] : [openedIndex, end.index];

/** As a webhook's body. */
export function operationBody(told: ToldOperation): string {
  const { kind, deployment, operation, statusUrl } = told;
  const { title, text, effect, remedy } = operationWords(told);
  const { organization, end, openedAt, openedIndex } = operation;
  return canonicalJson({
    type: kind === 'operation-started' ? 'operation.started' : 'operation.ended',
    timestamp: kind === 'operation-ended' ? (end?.at ?? openedAt) : openedAt,
    data: {
      deployment,
      operation: operation.id,
      kind: operation.kind,
      organization: { id: organization.id, name: organization.name },
      ...{ title, text, effect, remedy },
      startedBy: operation.startedBy,
      since: openedAt,
      outcome: end?.outcome ?? null,
      reason: end?.reason ?? null,
      endedAt: end?.at ?? null,
      ledgerEntries: { opened: openedIndex, ended: end?.index ?? null },
      status: statusUrl,
    },
  });
}
