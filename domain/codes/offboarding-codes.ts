import type { RequestCodeEntry } from './request-codes';

/** Codes an offboarding can be refused with, beside those of every operation that people approve. */
export const OFFBOARDING_CODES = {
  OPERATOR_APPROVAL_MISSING: {
    status: 409,
    effect: 'none',
    text: 'No member of staff has approved this offboarding’s plan.',
    remedy: 'Have an approver, who isn’t the one that started it, approve the plan.',
  },
  OPERATOR_APPROVAL_INVALID: {
    status: 409,
    effect: 'none',
    text: 'The operator’s approval isn’t our API’s word for an approver over this plan.',
    remedy: 'Have an approver approve the plan again, with `smsk offboard approve`.',
  },
  INCIDENT_OPEN: {
    status: 409,
    effect: 'none',
    text: 'An incident is open: the customer’s key doesn’t answer, so nothing can be moved away from it.',
    remedy:
      'Restore the provider’s access first, and start the offboarding when the incident is closed. It is no way around a key that refuses.',
  },
} as const satisfies Readonly<Record<string, RequestCodeEntry>>;
