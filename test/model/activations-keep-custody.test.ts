import { holdsInEveryInterleaving } from './suite';
import { activationStarts } from './world/starts';

describe('from platform custody to the customer’s, whatever happens on the way', () => {
  holdsInEveryInterleaving(activationStarts, 1_000, [
    'let go',
    'withdrawal',
    'encrypt',
    'prove true',
    'begin activate live',
    'begin activate sealing',
    'begin rotate refused',
    'judgeApproval approve APPROVAL_SIGNATURE_INVALID',
    'stageVersion 1 KEY_DISABLED',
    'switchCustody',
    'switchCustody PLAN_CHANGED',
    'switchCustody OPERATION_STALE',
    'recordSealed OPERATION_STALE',
    'closeOperation cancelled',
    'closeOperation cancelled STAGE_MISMATCH',
    'enterLive',
    'recordHandoff',
  ]);
});
