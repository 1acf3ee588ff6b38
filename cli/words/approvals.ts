import type { StatusView } from '../../api/client';
import type { ShownKind } from './operation';

type Given = Pick<NonNullable<StatusView['plan']>, 'reviewed' | 'approved' | 'operatorApproved'>;

/** Which of the approvals that a plan needs are given; the operator's, by whom and when. */
export function approvalsText({ reviewed, approved, operatorApproved }: Given, kind?: ShownKind): string {
  if (!approved) return reviewed ? 'reviewed, not approved' : 'not reviewed';
  if (kind !== 'offboard') return 'approved';
  return operatorApproved === null
    ? 'approved by the customer, not yet for the operator'
    : `approved by the customer, and for the operator by ${operatorApproved.by}, ${operatorApproved.at}`;
}
