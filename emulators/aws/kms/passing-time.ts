import type { KmsKey } from '../model/state';
import type { World } from '../model/world';
import { secondsIso } from '../trail/identity';
import { newMaterial } from './material';

const dayMs = 86_400_000;

/**
 * What the clock alone does to a key, applied when the key is next looked at: scheduled deletion and automatic
 * rotation. AWS records both as service events.
 * @returns the key, or undefined if it has been deleted
 */
export function settle(world: World, key: KmsKey): KmsKey | undefined {
  const now = world.clock();
  if (key.state === 'PendingDeletion' && key.deletionAt !== undefined && key.deletionAt <= now) {
    world.removeKey(key);
    world.save();
    serviceEvent(world, key, 'DeleteKey');
    return undefined;
  }
  const { rotation } = key;
  if (rotation !== undefined && rotation.nextAt <= now && key.state === 'Enabled') {
    key.materials.push(newMaterial(world, key, 'AUTOMATIC'));
    key.rotation = { periodDays: rotation.periodDays, nextAt: now + rotation.periodDays * dayMs };
    world.save();
    serviceEvent(world, key, 'RotateKey');
  }
  return key;
}

function serviceEvent(world: World, key: KmsKey, eventName: string): void {
  world.trail.append(
    {
      eventVersion: '1.11',
      userIdentity: { type: 'AWSService', invokedBy: 'kms.amazonaws.com' },
      eventTime: secondsIso(world.clock()),
      eventSource: 'kms.amazonaws.com',
      eventName,
      awsRegion: key.region,
      sourceIPAddress: 'kms.amazonaws.com',
      userAgent: 'kms.amazonaws.com',
      requestParameters: null,
      responseElements: null,
      requestID: world.uuid(),
      eventID: world.uuid(),
      readOnly: false,
      resources: [{ accountId: key.account, type: 'AWS::KMS::Key', ARN: key.arn }],
      eventType: 'AwsServiceEvent',
      managementEvent: true,
      recipientAccountId: key.account,
      eventCategory: 'Management',
    },
    true,
  );
}
