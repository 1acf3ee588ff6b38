import { refuseEndpointEnvironment } from '../../providers/aws-kms/environment';

describe('variables that would send AWS calls elsewhere abort the start', () => {
  test.each([
    ['AWS_ENDPOINT_URL', 'http://evil.example'],
    ['AWS_ENDPOINT_URL_KMS', 'http://evil.example'],
    ['AWS_ENDPOINT_URL_STS', 'http://evil.example'],
    ['AWS_STS_REGIONAL_ENDPOINTS', 'legacy'],
    ['AWS_USE_FIPS_ENDPOINT', 'true'],
    ['AWS_USE_DUALSTACK_ENDPOINT', 'true'],
    ['AWS_CA_BUNDLE', '/tmp/evil.pem'],
    ['AWS_PROFILE', 'evil'],
    ['AWS_DEFAULT_PROFILE', 'evil'],
    ['AWS_CONFIG_FILE', '/tmp/evil'],
    ['AWS_EC2_METADATA_SERVICE_ENDPOINT', 'http://evil.example'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '0'],
  ])('%s', (name, value) => {
    const refusing = () => refuseEndpointEnvironment({ PATH: '/bin', [name]: value });
    expect(refusing).toThrow(name);
    expect(refusing).not.toThrow(value === '0' ? 'zero' : value);
  });

  test('all of them are named at once', () => {
    expect(() => refuseEndpointEnvironment({ AWS_PROFILE: 'a', AWS_CA_BUNDLE: 'b' })).toThrow(
      /AWS_PROFILE.*AWS_CA_BUNDLE/,
    );
  });

  test('an ordinary environment passes, and so do empty values', () => {
    refuseEndpointEnvironment({
      PATH: '/bin',
      AWS_REGION: 'eu-central-1',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/worker',
      AWS_PROFILE: '',
      AWS_CA_BUNDLE: undefined,
      NODE_TLS_REJECT_UNAUTHORIZED: '1',
    });
  });
});
