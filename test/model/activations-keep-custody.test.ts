import { holdsInEveryInterleaving } from './suite';
import { activationStarts } from './world/starts';

describe('from platform custody to the customer’s, whatever happens on the way', () => {
  holdsInEveryInterleaving(activationStarts, 700, [
    'let go',
    'withdrawal',
    'encrypt',
    'prove true',
    'begin activate live',
    'begin activate sealing',
    'begin rotate refused',
    'begin change-connection refused',
    'begin offboard refused',
    'activate judgeApproval approve APPROVAL_SIGNATURE_INVALID',
    'activate stageVersion 1 KEY_DISABLED',
    'activate switchCustody',
    'activate switchCustody PLAN_CHANGED',
    'activate switchCustody OPERATION_STALE',
    'activate recordSealed OPERATION_STALE',
    'activate closeOperation cancelled',
    'activate closeOperation cancelled STAGE_MISMATCH',
    'activate enterLive',
    'activate recordHandoff',
  ]);
});
