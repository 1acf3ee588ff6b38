import type { UpdateKeyPropertiesOptions } from '@azure/keyvault-keys';
import { makeAppCertificate } from '../../../emulators/azure/app-certificate';
import { type ReferencedAzure, referencedAzure } from '../references/azure-customer';
import { instantAfter } from '../references/book';
import { faults, mend } from './azure-faults';
import { sharedAzureWorld } from './azure-world';
import { type BadInput, type OffSwitch, providerContract } from './contract';

const world = sharedAzureWorld();
const DAY_MS = 86_400_000;
const stranger = makeAppCertificate({
  ...{ commonName: 's', notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS },
});
const past = makeAppCertificate({
  ...{ commonName: 'p', notBefore: Date.now() - 9 * DAY_MS, notAfter: Date.now() - DAY_MS },
});

const update = ({ keys, keyName }: ReferencedAzure, changes: UpdateKeyPropertiesOptions) =>
  keys.updateKeyProperties(keyName, changes);
const unassign = ({ emulator, assignment }: ReferencedAzure) =>
  emulator.administer('DELETE role-assignments', { id: assignment });
const written = (f: ReferencedAzure, text: string): ReturnType<ReferencedAzure['connect']> => {
  f.folder.write('globex-app.pem', text);
  return f.connect();
};

const badInputs: BadInput<ReferencedAzure>[] = [
  {
    name: 'name that nobody registered',
    arrange: async ({ connect }) => connect({ reference: 'globex-other' }),
    check: 'credential-reference',
    code: 'REFERENCE_UNKNOWN',
  },
  {
    name: 'entry for another key',
    arrange: async ({ connect, key }) => connect({ key: `${key}-2` }),
    check: 'credential-reference',
    code: 'REFERENCE_UNKNOWN',
  },
  {
    name: 'entry past its date',
    arrange: async ({ book, stated, connect }) => {
      book.register(stated, instantAfter(-1));
      return connect();
    },
    check: 'credential-reference',
    code: 'CREDENTIAL_EXPIRED',
  },
  {
    name: 'certificate that the app doesn’t know',
    arrange: async (f) => written(f, stranger.pem),
    check: 'token',
    code: 'CREDENTIAL_INVALID',
  },
  {
    name: 'certificate past its own date',
    arrange: async (f) => written(f, past.pem),
    check: 'token',
    code: 'CREDENTIAL_EXPIRED',
  },
  {
    name: 'certificate without its key',
    arrange: async (f) => written(f, f.world.certificate.certificate),
    check: 'token',
    code: 'CREDENTIAL_UNAVAILABLE',
  },
  {
    name: 'client secret that isn’t the app’s',
    arrange: async (f) => written(f, JSON.stringify({ clientSecret: 'x'.repeat(40) })),
    check: 'token',
    code: 'CREDENTIAL_INVALID',
  },
  {
    name: 'tenant in which the app isn’t',
    arrange: async (f) => {
      const { tenantId } = f.emulator.administer('POST tenants', { name: 'elsewhere' });
      return f.connect({ tenantId });
    },
    check: 'token',
    code: 'SP_NOT_IN_TENANT',
  },
  {
    name: 'no role',
    arrange: async (f) => {
      unassign(f);
      return f.connect();
    },
    check: 'wrap',
    code: 'RBAC_DENIED',
  },
];

const offSwitches: OffSwitch<ReferencedAzure>[] = [
  {
    name: 'disable the version',
    off: async (f) => void (await update(f, { enabled: false })),
    on: async (f) => void (await update(f, { enabled: true })),
    code: 'KEY_DISABLED',
  },
  {
    name: 'remove the role assignment, while our token is cached',
    off: async (f) => void unassign(f),
    on: async (f) => void f.assign(),
    code: 'RBAC_DENIED',
  },
  {
    name: 'withdraw the reference, while our token is cached',
    off: async ({ book, stated }) => book.withdraw(stated),
    on: async ({ book, stated }) => void book.register(stated),
    code: 'REFERENCE_UNKNOWN',
  },
];

providerContract('Azure Key Vault by an approved reference', {
  start: () => referencedAzure(world()),
  badInputs,
  offSwitches,
  notThisEnvelope: 'CIPHERTEXT_OR_ALG_MISMATCH',
  disturbances: {
    // Whose credential was refused is the one thing that differs.
    faults: faults.map((fault) =>
      fault.code === 'OUR_IDENTITY' ? { ...fault, code: 'CREDENTIAL_INVALID' } : fault,
    ),
    hang: ({ emulator }) => void emulator.inject({ effect: { kind: 'hang' } }),
    reset: ({ emulator }) => void emulator.inject({ effect: { kind: 'reset' } }),
    mend,
  },
});
