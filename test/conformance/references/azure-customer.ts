import type { AzureConnection } from '../../../domain/connection';
import type { CallRecord } from '../../../providers/calls/call';
import { approvedCredentials, type PlaceSettings } from '../../../providers/credentials/approved/compose';
import type { AzureIdentityOf } from '../../../providers/credentials/azure';
import { readSecretFile } from '../../../runtime/secret-file';
import { type AzureWorld, azureFixture } from '../provider-contract/azure-world';
import { Book, Folder, type Stated } from './book';

export const NAME = 'globex-app';

export interface ReferencedAzureOptions {
  readonly locator?: string;
  readonly clock?: () => number;
  /** Beside the folder. */
  readonly places?: Partial<PlaceSettings>;
}

/** A customer that hands over an app registration of its own, by a reference. */
export async function referencedAzure(
  world: AzureWorld,
  { locator = 'file:globex-app.pem', clock = Date.now, places = {} }: ReferencedAzureOptions = {},
) {
  const book = new Book();
  const folder = new Folder();
  const reads: CallRecord[] = [];
  const { egress, emulator } = world;
  let observe: (record: CallRecord) => void = (record) => reads.push(record);
  const approved = approvedCredentials({
    settings: { folder: folder.path, secretsManager: null, vault: null, ...places },
    references: book,
    identityOf: () => {
      throw new Error('no place at AWS');
    },
    ...{ egress, clock, observe: (record) => observe(record) },
    ...{ emulator: { url: emulator.url, ca: emulator.ca }, env: {} },
    ...{ path: (file) => file, secret: readSecretFile },
  });
  const identityOf: AzureIdentityOf = (connection, signal) => approved.azure(connection, signal);
  const fixture = await azureFixture(world, { clock, identityOf });
  // One list for all, as in production.
  observe = (record) => fixture.records.push(record);
  folder.write('globex-app.pem', world.certificate.pem);
  const { organization } = fixture.connection;
  const stated: Stated = {
    ...{ organization, name: NAME, provider: 'azure-key-vault', key: fixture.key, locator },
    identity: world.appId,
  };
  const entry = book.register(stated);
  const connect = (changes: { key?: string; tenantId?: string; reference?: string } = {}): AzureConnection =>
    fixture.connect({ reference: NAME, ...changes });
  return {
    ...fixture,
    ...{ book, folder, stated, entry, connect, ends: approved.ends },
    connection: { ...connect(), pinnedKeyRef: fixture.kid },
    close: async () => {
      folder.remove();
      await fixture.close();
    },
  };
}
export type ReferencedAzure = Awaited<ReturnType<typeof referencedAzure>>;
