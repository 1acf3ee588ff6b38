import { createEgress } from '../../../providers/egress/egress';
import { awsBadInputs, awsOffSwitches, realAwsFixture } from './aws';
import { realCloudContract } from './contract';
import { awsAdmin, realAws } from './settings';

/** A real service takes its time, and more than one change is waited for. */
jest.setTimeout(600_000);

const { settings, missing } = realAws(process.env);
const admin = awsAdmin(process.env);
const egress = createEgress({ mode: 'production' });
afterAll(() => egress.close());

realCloudContract('real AWS KMS', {
  missing: missing === null ? null : `${missing}; docs/TESTING.md`,
  start: async () => {
    if (settings === null) throw new Error('skipped without settings');
    return realAwsFixture(settings, egress);
  },
  notThisEnvelope: 'CONTEXT_OR_BLOB_INVALID',
  badInputs: awsBadInputs,
  offSwitches: awsOffSwitches(() => {
    if (settings === null || admin.settings === null) throw new Error('skipped without settings');
    return { ...settings, adminFile: admin.settings, egress };
  }),
  adminMissing: admin.missing,
});
