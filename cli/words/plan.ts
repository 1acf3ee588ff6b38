import type { ShownPlan } from '../plan-shape';
import { connectionRows } from './connection';
import { fields, table } from './table';

type Rows = Parameters<typeof fields>[0];

/** Every member of a plan, for the person who is about to sign it. */
export function planText(plan: ShownPlan, digest: string): string {
  const { organization } = plan;
  const { title, terms, heading, target, versions, afterwards } = wordsOf(plan);
  const rewrap = plan.rewrap.map(({ version, envelopeSha256, checkValue }) => [
    `version ${version}`,
    `envelope ${envelopeSha256}`,
    `check value ${checkValue}`,
  ]);
  return [
    `${title} ${organization.name}\n`,
    fields([
      ['digest', digest],
      ['organization', organization.id],
      ['deployment', plan.deployment],
      ['operation', plan.operationId],
      ['dry-run', `${plan.dryRunId}, computed ${plan.computedAt}`],
      ['valid until', plan.expiresAt],
      ...terms,
    ]),
    `\n${heading}\n`,
    fields([['custody', `${plan.custody.from} → ${plan.custody.to}`], ...target]),
    `\nWorkspace key versions that are wrapped again under that key${rewrap.length === 0 ? ': none' : ''}\n`,
    rewrap.length === 0 ? '' : `${table(rewrap, '  ')}\n`,
    `  ${versions}\n`,
    afterwards,
  ].join('');
}

interface PlanWords {
  readonly title: string;
  /** What it goes by, beside what every plan does. */
  readonly terms: Rows;
  readonly heading: string;
  /** The key it moves to. */
  readonly target: Rows;
  /** Of the workspace key's versions, which are made new. */
  readonly versions: string;
  /** What becomes of the key it moves away from, and of the data. */
  readonly afterwards: string;
}

function wordsOf(plan: ShownPlan): PlanWords {
  const { kind } = plan;
  switch (kind) {
    case 'activate':
      return {
        ...toCustomer(plan),
        title: 'Plan to activate the customer’s key for',
        heading: 'From the operator’s key to yours',
        versions: madeNew(plan, 'the operator’s key'),
        afterwards: `\nThe operator’s own key\n${fields([
          ['key', plan.platformKey.keyRef],
          ['deletion', `scheduled after the switch, ${plan.platformKey.deletionWindowDays} days`],
          ['gone by', `${plan.platformKey.destroyedBy}; from then on nobody can enable it again`],
        ])}`,
      };
    case 'change-connection':
      return {
        ...toCustomer(plan),
        title: 'Plan to change the connection of',
        heading: 'From your key in use to this one',
        versions: madeNew(plan, 'the key in use'),
        afterwards: `\nYour key in use\n${fields([
          ...formerRows(plan),
          ['afterwards', 'needed no more: `smsk keys` says since when, and from when no backup needs it'],
        ])}`,
      };
    case 'offboard':
      return {
        title: 'Plan to offboard',
        terms: [
          ['started by', `${plan.startedBy.kind} ${plan.startedBy.name}, who approves nothing of it`],
          ['approvals', `of both: the ${plan.approvals.join('’s, then the ')}’s`],
        ],
        heading: 'From your key back to one of the operator’s',
        target: [['key', `a ${plan.platformKey} one of the operator’s, made when the plan is carried out`]],
        versions: 'no version is made new',
        afterwards: [
          '\nThe data\n',
          fields([
            ['until the switch', 'opened by your key alone; if it refuses, nothing is switched'],
            ['afterwards', 'opened by the operator’s key: yours no longer decides who can read it'],
            ['all the while', 'readable, and not encrypted anew'],
          ]),
          '\nYour key in use\n',
          fields([
            ...formerRows(plan),
            ['afterwards', 'opens nothing: the envelopes under it are erased after the switch'],
            [
              'to be disabled',
              'only once `smsk keys` says that it’s safe; to be deleted, once no backup needs it',
            ],
          ]),
        ].join(''),
      };
    default: {
      const unknown: never = kind;
      throw new Error(`unknown plan ${String(unknown)}`);
    }
  }
}

type ToCustomer = Extract<ShownPlan, { mint: number }>;

/** The order behind it, and the connection it moves to. */
const toCustomer = ({ order, connection }: ToCustomer): Pick<PlanWords, 'terms' | 'target'> => ({
  terms: [['order', `${order.orderRef} (${order.digest})`]],
  target: [
    ...connectionRows(connection.input, connection.keyRef),
    [
      'connection',
      `${connection.id} (${connection.digest}), verified in ledger entry ${connection.verifiedBy}`,
    ],
  ],
});

const madeNew = ({ mint }: ToCustomer, formerKey: string): string =>
  `version ${mint}  is made new; ${formerKey} never wraps it`;

const formerRows = ({ from }: Extract<ShownPlan, { from: object }>): Rows => [
  ['key', from.keyRef],
  ['connection', `${from.id} (${from.digest})`],
];
