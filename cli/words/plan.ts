import type { ShownPlan } from '../plan-shape';
import { connectionRows } from './connection';
import { fields, table } from './table';

/** Every member of a plan, for the person who is about to sign it. */
export function planText(plan: ShownPlan, digest: string): string {
  const { organization, connection, platformKey, order } = plan;
  const { input } = connection;
  const rewrap = plan.rewrap.map(({ version, envelopeSha256, checkValue }) => [
    `version ${version}`,
    `envelope ${envelopeSha256}`,
    `check value ${checkValue}`,
  ]);
  return [
    `Plan to activate the customer’s key for ${organization.name}\n`,
    fields([
      ['digest', digest],
      ['organization', organization.id],
      ['deployment', plan.deployment],
      ['operation', plan.operationId],
      ['dry-run', `${plan.dryRunId}, computed ${plan.computedAt}`],
      ['valid until', plan.expiresAt],
      ['order', `${order.orderRef} (${order.digest})`],
    ]),
    '\nFrom the operator’s key to yours\n',
    fields([
      ['custody', `${plan.custody.from} → ${plan.custody.to}`],
      ...connectionRows(input, connection.keyRef),
      [
        'connection',
        `${connection.id} (${connection.digest}), verified in ledger entry ${connection.verifiedBy}`,
      ],
    ]),
    `\nWorkspace key versions that are wrapped again under your key${rewrap.length === 0 ? ': none' : ''}\n`,
    rewrap.length === 0 ? '' : `${table(rewrap, '  ')}\n`,
    `  version ${plan.mint}  is made new; the operator’s key never wraps it\n`,
    '\nThe operator’s own key\n',
    fields([
      ['key', platformKey.keyRef],
      ['deletion', `scheduled after the switch, ${platformKey.deletionWindowDays} days`],
      ['gone by', `${platformKey.destroyedBy}; from then on nobody can enable it again`],
    ]),
  ].join('');
}
