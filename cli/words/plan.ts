import type { ShownPlan } from '../plan-shape';
import { connectionRows } from './connection';
import { fields, table } from './table';

/** Every member of a plan, for the person who is about to sign it. */
export function planText(plan: ShownPlan, digest: string): string {
  const { organization, connection, order } = plan;
  const { title, heading, formerKey, formerText } = wordsOf(plan);
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
      ['order', `${order.orderRef} (${order.digest})`],
    ]),
    `\n${heading}\n`,
    fields([
      ['custody', `${plan.custody.from} → ${plan.custody.to}`],
      ...connectionRows(connection.input, connection.keyRef),
      [
        'connection',
        `${connection.id} (${connection.digest}), verified in ledger entry ${connection.verifiedBy}`,
      ],
    ]),
    `\nWorkspace key versions that are wrapped again under that key${rewrap.length === 0 ? ': none' : ''}\n`,
    rewrap.length === 0 ? '' : `${table(rewrap, '  ')}\n`,
    `  version ${plan.mint}  is made new; ${formerKey} never wraps it\n`,
    formerText,
  ].join('');
}

interface PlanWords {
  readonly title: string;
  readonly heading: string;
  readonly formerKey: string;
  /** What becomes of the key it moves away from. */
  readonly formerText: string;
}

function wordsOf(plan: ShownPlan): PlanWords {
  const { kind } = plan;
  switch (kind) {
    case 'activate':
      return {
        title: 'Plan to activate the customer’s key for',
        heading: 'From the operator’s key to yours',
        formerKey: 'the operator’s key',
        formerText: [
          '\nThe operator’s own key\n',
          fields([
            ['key', plan.platformKey.keyRef],
            ['deletion', `scheduled after the switch, ${plan.platformKey.deletionWindowDays} days`],
            ['gone by', `${plan.platformKey.destroyedBy}; from then on nobody can enable it again`],
          ]),
        ].join(''),
      };
    case 'change-connection':
      return {
        title: 'Plan to change the connection of',
        heading: 'From your key in use to this one',
        formerKey: 'the key in use',
        formerText: [
          '\nYour key in use\n',
          fields([
            ['key', plan.from.keyRef],
            ['connection', `${plan.from.id} (${plan.from.digest})`],
            ['afterwards', 'needed no more: `smsk keys` says since when, and from when no backup needs it'],
          ]),
        ].join(''),
      };
    default: {
      const unknown: never = kind;
      throw new Error(`unknown plan ${String(unknown)}`);
    }
  }
}
