import { holdsInEveryInterleaving } from './suite';
import { custodyStarts, elsewhereStarts } from './world/starts';

describe('in customer custody: rotations, refusals and recoveries, whatever comes between', () => {
  holdsInEveryInterleaving(custodyStarts, 700, [
    'let go',
    'the customer rotates entered',
    'encrypt KEY_DISABLED',
    'decrypt KEY_PENDING_DELETION',
    'decrypt UNWRAP_DENIED',
    'prove true',
    'prove false',
    'begin activate refused',
    'begin rotate verification',
    'begin rotate live',
    'begin rotate sealing',
    'begin change-connection entitlement',
    'begin offboard verification',
    'rotate rewrapVersion 1 KEY_DISABLED',
    'rotate rewrapVersion 1 WRAP_DENIED',
    'rotate mintNextVersion',
    'rotate switchRotation',
    'rotate switchRotation OPERATION_STALE',
    'rotate closeRotation cancelled',
    'rotate closeRotation cancelled STAGE_MISMATCH',
    'rotate eraseSuperseded',
  ]);
});

describe('to another key of the customer’s, back to the platform and to the customer again, whatever happens on the way', () => {
  holdsInEveryInterleaving(elsewhereStarts, 600, [
    'begin activate refused',
    'begin rotate verification',
    'disable off other',
    'change-connection recordConnection NOTHING_TO_CHANGE',
    'change-connection launchLive KEY_IN_USE_REFUSES',
    'change-connection moveVersion 1 KEY_DISABLED',
    'change-connection moveVersion 2 KEY_IN_USE_REFUSES',
    'change-connection switchCustody',
    'change-connection switchCustody ORDER_WITHDRAWN',
    'change-connection switchCustody PLAN_CHANGED',
    'change-connection switchCustody OPERATION_STALE',
    'change-connection closeOperation cancelled',
    'change-connection closeOperation cancelled STAGE_MISMATCH',
    'change-connection eraseFormerEnvelopes',
    'offboard judgeOperatorApproval nobody FORBIDDEN',
    'offboard judgeOperatorApproval starter SECOND_PERSON_NEEDED',
    'offboard launchLive INCIDENT_OPEN',
    'offboard switchToPlatform',
    'offboard switchToPlatform KEY_DISABLED',
    'offboard switchToPlatform INCIDENT_OPEN',
    'offboard switchToPlatform OPERATION_STALE',
    'offboard closeOperation cancelled',
    'offboard closeOperation cancelled STAGE_MISMATCH',
    'offboard retireSpareKey',
    'offboard eraseSuperseded',
    'offboard recordHandoff',
    'activate recordSealed',
    'activate recordHandoff',
  ]);
});
