import { identityEndpoint } from '../../providers/credentials/managed-identity';
import { refuseAzureEnvironment } from '../../providers/egress/environment';

describe('variables that would send Azure’s calls elsewhere, weaken or print them abort the start', () => {
  test.each([
    ['AZURE_AUTHORITY_HOST', 'https://evil.example'],
    ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.com.evil.example'],
    ['AZURE_AUTHORITY_HOST', 'http://login.microsoftonline.com'],
    ['AZURE_AUTHORITY_HOST', 'https://loginXmicrosoftonline.com'],
    ['AZURE_REGIONAL_AUTHORITY_NAME', 'westeurope'],
    ['AZURE_POD_IDENTITY_AUTHORITY_HOST', 'http://evil.example'],
    ['AZURE_IDENTITY_DISABLE_MULTITENANTAUTH', 'true'],
    ['AZURE_IDENTITY_DISABLE_CP1', 'true'],
    ['AZURE_CLIENT_SECRET', 'not-a-real-secret'],
    ['AZURE_PASSWORD', 'not-a-real-secret'],
    ['AZURE_CLIENT_CERTIFICATE_PASSWORD', 'not-a-real-secret'],
    ['AZURE_LOG_LEVEL', 'verbose'],
    ['TYPESPEC_RUNTIME_LOG_LEVEL', 'info'],
    ['DEBUG', 'express:*,azure:core*'],
    ['DEBUG', '*'],
    ['NODE_DEBUG', 'fs,http'],
    ['NODE_OPTIONS', '--tls-keylog=/tmp/keys'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ])('%s=%s', (name, value) => {
    const refusing = () => refuseAzureEnvironment({ PATH: '/bin', [name]: value });
    expect(refusing).toThrow(`unset these environment variables: ${name} (`);
    expect(refusing).not.toThrow(value === '0' || value === '*' ? 'zero' : value);
  });

  test('all of them are named at once, and a secret’s says what to do instead', () => {
    expect(() => refuseAzureEnvironment({ AZURE_CLIENT_SECRET: 'a', AZURE_LOG_LEVEL: 'info' })).toThrow(
      /AZURE_CLIENT_SECRET \(.*name a file in azure\.apps.*AZURE_LOG_LEVEL/,
    );
  });

  test('what AKS, App Service and an ordinary machine put there passes', () => {
    refuseAzureEnvironment({
      PATH: '/bin',
      AZURE_CLIENT_ID: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      AZURE_TENANT_ID: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      AZURE_FEDERATED_TOKEN_FILE: '/var/run/secrets/azure/tokens/azure-identity-token',
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.com/',
      IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token',
      IDENTITY_HEADER: 'x',
      MSI_ENDPOINT: 'http://127.0.0.1:41741/msi/token/',
      MSI_SECRET: 'x',
      HTTPS_PROXY: 'http://proxy.example:3128',
      NODE_EXTRA_CA_CERTS: '/etc/ssl/company.pem',
      NODE_TLS_REJECT_UNAUTHORIZED: '1',
      NODE_DEBUG: 'cluster',
      NODE_OPTIONS: '--max-old-space-size=512',
      DEBUG: 'express:*',
      AZURE_LOG_LEVEL: '',
    });
  });
});

describe('a managed identity’s endpoint is this machine’s', () => {
  const header = { IDENTITY_HEADER: 'x' };
  test.each([
    'http://127.0.0.1:41741/msi/token',
    'http://localhost:12356/msi/token',
    'http://169.254.255.2:8081/msi/token',
  ])('%s', (url) => {
    const endpoint = identityEndpoint({ ...header, IDENTITY_ENDPOINT: url }, null);
    expect(endpoint).toMatchObject({ kind: 'app-service', header: 'x' });
  });
  test.each([
    'http://evil.example/msi/token',
    'http://10.0.0.1:80/msi/token',
    'http://127.0.0.1.evil.example:80/msi/token',
    'http://u@127.0.0.1:80/msi/token',
    'http://127.0.0.1:80@evil.example/msi/token',
    'http://127.0.0.1:80/msi/token?x',
    'https://127.0.0.1:4600/msi/token',
    'file:///etc/passwd',
  ])('not %s', (url) => {
    expect(() => identityEndpoint({ ...header, IDENTITY_ENDPOINT: url }, null)).toThrow('IDENTITY_ENDPOINT');
  });
  test('without one, that of virtual machines; half of it is a mistake', () => {
    expect(identityEndpoint({}, null)).toEqual({ kind: 'imds' });
    expect(() => identityEndpoint({ IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token' }, null)).toThrow(
      'IDENTITY_HEADER',
    );
  });
  test.each(['IMDS_ENDPOINT', 'IDENTITY_SERVER_THUMBPRINT'])(
    'not one of a kind that isn’t supported: %s',
    (name) => {
      expect(() => identityEndpoint({ [name]: 'http://localhost:40342' }, null)).toThrow(name);
    },
  );
  test('in development the emulator’s, and no other that speaks TLS', () => {
    const emulator = { url: 'https://127.0.0.1:4600', ca: 'PEM' };
    const at = (url: string) => identityEndpoint({ ...header, IDENTITY_ENDPOINT: url }, emulator);
    expect(at('https://127.0.0.1:4600/msi/token')).toMatchObject({ ca: 'PEM' });
    expect(() => at('https://127.0.0.1:4601/msi/token')).toThrow('IDENTITY_ENDPOINT');
  });
});
