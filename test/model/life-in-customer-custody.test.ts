import { holdsInEveryInterleaving } from './suite';
import { custodyStarts } from './world/starts';

describe('in customer custody: rotations, refusals and recoveries, whatever comes between', () => {
  holdsInEveryInterleaving(custodyStarts, 1_000, [
    'let go',
    'the customer rotates',
    'encrypt KEY_DISABLED',
    'decrypt KEY_PENDING_DELETION',
    'decrypt UNWRAP_DENIED',
    'prove true',
    'prove false',
    'begin activate refused',
    'begin rotate verification',
    'begin rotate live',
    'begin rotate sealing',
    'rewrapVersion 1 KEY_DISABLED',
    'rewrapVersion 1 WRAP_DENIED',
    'mintNextVersion',
    'switchRotation',
    'switchRotation OPERATION_STALE',
    'closeRotation cancelled',
    'closeRotation cancelled STAGE_MISMATCH',
    'eraseSuperseded',
  ]);
});
