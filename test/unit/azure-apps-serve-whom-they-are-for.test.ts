import type { OrganizationId } from '../../domain/ids';
import { type AzureAppSettings, azureAppIdentities } from '../../providers/credentials/azure-apps';
import { createEgress, type Egress } from '../../providers/egress/egress';

const ACME = '6f1e0a4e-0000-4000-8000-000000000001' as OrganizationId;
const GLOBEX = '6f1e0a4e-0000-4000-8000-000000000002' as OrganizationId;
const clientId = '0f5a1c3e-0000-4000-8000-00000000000a';
const other = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const source = { kind: 'certificate', file: 'app.pem' } as const;

let egress: Egress;
beforeAll(() => {
  egress = createEgress({ mode: 'production' });
});
afterAll(() => egress.close());

const appsOf = (apps: readonly AzureAppSettings[]) =>
  azureAppIdentities({
    apps,
    egress,
    emulator: null,
    env: {},
    clock: () => 0,
    observe: () => undefined,
    path: (file) => file,
    secret: () => '',
  });

test('one without an organization serves all, and is nobody’s own', () => {
  const apps = appsOf([{ clientId, organization: null, source }]);
  for (const organization of [ACME, GLOBEX])
    expect(apps.find(clientId, organization)).toMatchObject({
      isOrganizationsOwn: false,
      identity: { clientId },
    });
});

test('an organization’s own is unknown to others, as one that doesn’t exist', () => {
  const apps = appsOf([{ clientId, organization: ACME, source }]);
  expect(apps.find(clientId, ACME)).toMatchObject({ isOrganizationsOwn: true });
  expect(apps.find(clientId, GLOBEX)).toBeNull();
  expect(apps.find(other, ACME)).toBeNull();
});
