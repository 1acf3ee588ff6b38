import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Archive, BucketPlace } from '../../domain/ports/archive';
import { createCall } from '../aws-kms/call';
import type { AwsCredentials } from '../aws-kms/clients';
import { refuseEndpointEnvironment } from '../aws-kms/environment';
import type { ProcessSettings, ProviderSettings } from '../compose';
import { fileIdentity } from '../credentials/aws';
import { OwnClient } from '../credentials/own-client';
import { type IdentitySource, identities } from '../credentials/source';
import { egressFor } from '../egress/egress';
import { ownEndpoint } from '../egress/own-endpoint';
import { bucketArchive } from './bucket';
import { objectClient } from './client';

interface OnS3 extends BucketPlace {
  readonly kind: 's3';
  readonly region: string;
  readonly identity: IdentitySource;
}
/** A store of the operator's own, which never sees an identity of ours at AWS. */
interface OnOwnStore extends BucketPlace {
  readonly kind: 's3-compatible';
  readonly region: string;
  /** `https://HOST:PORT` */
  readonly url: string;
  readonly caFile: string | null;
  readonly credentialsFile: string;
}

/** Where ledgers are published. */
export type ArchivePlace = { readonly kind: 'folder'; readonly folder: string } | OnS3 | OnOwnStore;

type Settings = Pick<ProviderSettings, 'mode' | 'aws'> & { readonly publication: ArchivePlace | null };
interface Process extends Pick<ProcessSettings, 'env' | 'path' | 'processTag' | 'observe'> {
  readonly folderAt: (path: string) => Archive;
}

/** @throws Error at start-up for an environment that would redirect its calls, or an endpoint that isn't one */
export function composeArchive(settings: Settings, process: Process): Archive | null {
  const { publication: place } = settings;
  if (place === null) return null;
  switch (place.kind) {
    case 'folder':
      return process.folderAt(process.path(place.folder));
    case 's3':
    case 's3-compatible':
      return composeBucket(place, settings, process);
    default: {
      const unknown: never = place;
      throw new Error(`unknown place ${String(unknown)}`);
    }
  }
}

function composeBucket(
  place: OnS3 | OnOwnStore,
  { mode, aws }: Settings,
  { env, path, processTag, observe }: Process,
): Archive {
  refuseEndpointEnvironment(env);
  const { region } = place;
  const egress = egressFor(mode, aws.emulatorUrl);
  const clock = Date.now;
  const call = createCall({ provider: 'publication', clock, observe });
  const [identity, way] =
    place.kind === 's3'
      ? [
          identities({ egress, region, processTag, clock, path, call })(place.identity),
          egress.aws('s3', region),
        ]
      : [fileIdentity(path(place.credentialsFile)), ownEndpoint({ url: place.url, ca: caOf(place, path) })];
  const make = (credentials: AwsCredentials) => objectClient(egress, way, region, credentials);
  const client = new OwnClient({ identity, clock, make });
  return bucketArchive({ place, region, client, observe, clock, pause: (ms) => pause(ms) });
}

const caOf = ({ caFile }: OnOwnStore, path: Process['path']): string | null =>
  caFile === null ? null : readFileSync(path(caFile), 'utf8');
