import type { PlanAnswer } from '../../api/client';
import type { AddCommand, Outcome, Run } from '../command';
import { EXIT } from '../exit-codes';
import { forOrganization } from '../options';
import { checkedPlan } from '../plan-shape';
import { approvalsText } from '../words/approvals';
import { planText } from '../words/plan';
import { table } from '../words/table';

/** `smsk plan show` */
export const plan: AddCommand = (program, act) => {
  const group = program.command('plan').description('what the open operation will do');
  act(
    forOrganization(group.command('show')).description('the present plan, with its digest computed here'),
    show,
  );
};

async function show({ client, isJson }: Run, { org }: { org: string }): Promise<Outcome> {
  const answer = await client.plan(org);
  if (isJson) return { json: answer, text: '' };
  if (answer.plan === null)
    return {
      json: answer,
      text: `${org}: the dry-run made no plan\n${blockersText(answer)}`,
      exitCode: EXIT.refused,
    };
  const { plan, digest } = checkedPlan(answer.plan, answer.digest);
  return {
    json: answer,
    text: `${planText(plan, digest)}\n${approvalsText(answer, plan.kind)}\n${blockersText(answer)}`,
  };
}

export function blockersText({ blockers }: PlanAnswer): string {
  if (blockers.length === 0) return '';
  return `What blocks\n${table(
    blockers.map(({ code, text, remedy }) => [code, `${text} ${remedy}`]),
    '  ',
  )}\n`;
}
