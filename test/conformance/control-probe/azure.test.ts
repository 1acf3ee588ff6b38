import { randomBytes, X509Certificate } from 'node:crypto';
import { ownerOf } from '../../../domain/attribution';
import { canaryContext } from '../../../domain/canary';
import { canariesOf } from '../../../providers/control-probe/canaries';
import { createControlProbe } from '../../../providers/control-probe/control-probe';
import { type AzureFixture, azureFixture, sharedAzureWorld } from '../provider-contract/azure-world';
import { failureOf } from '../provider-contract/contract';
import { type Breakage, type ControlWorld, namesWhoCanMendIt } from './contract';

type AzureControlWorld = ControlWorld & { readonly customer: AzureFixture; readonly canary: AzureFixture };

const world = sharedAzureWorld();

/** The canary is a customer as any: a tenant and a vault of its own, with the same app in it. */
async function start(): Promise<AzureControlWorld> {
  const [customer, canary] = [await azureFixture(world()), await azureFixture(world())];
  const { connection, provider, verifier } = customer;
  const { organization, externalId, input } = canary.connection;
  const { tenantId, key } = input;
  const canaries = canariesOf({
    ...{ organization, externalId, aws: null },
    azure: { tenantId, key, clientId: world().appId },
  });
  return {
    ...{ customer, canary, connection, provider, verifier },
    probe: () =>
      createControlProbe({
        ...{ verifier, canaries, clock: Date.now, observe: () => undefined, deadlineMs: 2_000 },
      }),
    close: async () => {
      const { emulator, appId, certificate } = world();
      emulator.clearFaults();
      emulator.administer('POST apps/certificates', { appId, certificate: certificate.certificate });
    },
  };
}

const vault = ({ emulator, vault: { name } }: AzureFixture, changes: object) =>
  emulator.administer('PATCH vaults', { name, ...changes });
const principal = ({ emulator, tenantId, world: { appId } }: AzureFixture, changes: object) =>
  emulator.administer('PATCH service-principals', { tenantId, appId, ...changes });
const DENY = { firewall: { defaultAction: 'Deny', ipRules: ['203.0.113.7'] } };

const takesOurCertificate = () => {
  const { emulator, appId, certificate } = world();
  const thumbprint = new X509Certificate(certificate.certificate).fingerprint.replaceAll(':', '');
  emulator.administer('DELETE apps/certificates', { appId, thumbprint });
};

type Inject = Parameters<AzureFixture['emulator']['inject']>[0];
const inject = (fault: Inject) => () => world().emulator.inject(fault);
const refused = (status: number, code = 'as injected') =>
  ({ kind: 'error', code, status, message: 'as injected' }) as const;

const BREAKAGES: readonly Breakage<AzureControlWorld>[] = [
  {
    what: 'our app was removed from the customer’s tenant',
    breaks: ({ customer: { emulator, tenantId } }) =>
      emulator.administer('DELETE service-principals', { tenantId, appId: world().appId }),
    code: 'SP_NOT_IN_TENANT',
    owner: 'customer',
  },
  {
    what: 'the customer’s tenant blocks our app',
    breaks: ({ customer }) => principal(customer, { blockedByConditionalAccess: true }),
    code: 'IDENTITY_BLOCKED',
    owner: 'customer',
  },
  {
    what: 'the customer’s key is off',
    breaks: ({ customer: { keys, keyName } }) => keys.updateKeyProperties(keyName, { enabled: false }),
    code: 'KEY_DISABLED',
    owner: 'customer',
  },
  {
    what: 'the customer’s firewall refuses us',
    breaks: ({ customer }) => vault(customer, DENY),
    code: 'FIREWALL',
    owner: 'customer',
  },
  {
    what: 'the customer’s vault was purged',
    breaks: ({
      customer: {
        emulator,
        vault: { name },
      },
    }) => {
      emulator.administer('DELETE vaults', { name });
      emulator.administer('POST vaults/purge', { name });
    },
    code: 'VAULT_PURGED_OR_WRONG',
    owner: 'customer',
  },
  {
    what: 'the customer’s vault can’t be reached',
    breaks: ({ customer }) =>
      world().emulator.inject({
        match: { vault: customer.vault.name },
        effect: { kind: 'reset', when: 'before' },
      }),
    code: 'NETWORK',
    owner: 'customer',
  },
  {
    what: 'the customer’s vault is at its limit',
    breaks: ({ customer }) =>
      world().emulator.inject({ match: { vault: customer.vault.name }, effect: refused(429) }),
    code: 'THROTTLED',
    owner: 'customer',
  },
  {
    what: 'our app’s certificate was taken from it',
    breaks: takesOurCertificate,
    code: 'OUR_IDENTITY',
    owner: 'operator',
  },
  {
    what: 'our app was removed at its home',
    breaks: inject({
      match: { service: 'entra', action: 'Token' },
      effect: { ...refused(400, '700016'), oauth: 'unauthorized_client' },
    }),
    code: 'SP_NOT_IN_TENANT',
    owner: 'operator',
  },
  {
    what: 'our address has changed',
    breaks: ({ customer, canary }) => [vault(customer, DENY), vault(canary, DENY)],
    code: 'FIREWALL',
    owner: 'operator',
  },
  {
    what: 'Entra throttles our app',
    breaks: inject({ match: { service: 'entra', action: 'Token' }, effect: refused(429, '90055') }),
    code: 'THROTTLED',
    owner: 'operator',
  },
  {
    what: 'nothing gets out of our network',
    breaks: inject({ effect: { kind: 'reset', when: 'before' } }),
    code: 'NETWORK',
    owner: 'operator',
  },
  {
    what: 'Entra is in trouble for everybody',
    breaks: inject({ match: { service: 'entra', action: 'Token' }, effect: refused(503, '90033') }),
    code: 'PROVIDER_TRANSIENT',
    owner: 'provider',
  },
  {
    what: 'Key Vault is in trouble for everybody',
    breaks: inject({ match: { service: 'vault' }, effect: refused(500) }),
    code: 'PROVIDER_TRANSIENT',
    owner: 'provider',
  },
];

describe('at Azure, what is broken is attributed to whom it belongs', () => {
  namesWhoCanMendIt(start, BREAKAGES);

  test('no answer at all, to anybody: the provider’s', async () => {
    const { verifier, connection, probe, close } = await start();
    try {
      world().emulator.inject({ effect: { kind: 'hang', when: 'before' } });
      const { code } = await failureOf(verifier.verify(connection, AbortSignal.timeout(200)));
      expect(code).toBe('DEADLINE_EXCEEDED');
      expect(await ownerOf(probe(), connection.input, code)).toBe('provider');
    } finally {
      await close();
    }
  });

  test('a token that content still uses hides nothing: the canary asks with a new one', async () => {
    const { provider, connection, probe, close } = await start();
    try {
      const context = canaryContext(connection.organization);
      const never = new AbortController().signal;
      const { wrapped, keyRef } = await provider.wrap(connection, randomBytes(32), context, never);
      expect(await probe().outcome('azure-key-vault')).toEqual({ result: 'passes' });
      takesOurCertificate();
      await provider.unwrap(connection, wrapped, keyRef, context, never);
      expect(await probe().outcome('azure-key-vault')).toEqual({ result: 'fails', code: 'OUR_IDENTITY' });
    } finally {
      await close();
    }
  });
});
