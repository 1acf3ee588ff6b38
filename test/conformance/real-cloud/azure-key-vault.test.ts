import { createEgress } from '../../../providers/egress/egress';
import { azureBadInputs, azureOffSwitches, realAzureFixture } from './azure';
import { realCloudContract } from './contract';
import { azureAdmin, realAzure } from './settings';

/** A real service takes its time, and more than one change is waited for. */
jest.setTimeout(600_000);

const { settings, missing } = realAzure(process.env);
const admin = azureAdmin(process.env);
const egress = createEgress({ mode: 'production' });
afterAll(() => egress.close());

realCloudContract('real Azure Key Vault', {
  missing: missing === null ? null : `${missing}; docs/TESTING.md`,
  start: async () => {
    if (settings === null) throw new Error('skipped without settings');
    return realAzureFixture(settings, egress);
  },
  notThisEnvelope: 'CIPHERTEXT_OR_ALG_MISMATCH',
  badInputs: azureBadInputs,
  offSwitches: azureOffSwitches(() => {
    if (settings === null || admin.settings === null) throw new Error('skipped without settings');
    return { ...settings, admin: admin.settings, egress };
  }),
  adminMissing: admin.missing,
});
