import type { World } from '../model/world';
import { readHeader } from './blob';
import type { Input } from './fields';

/** Every name by which the keys of a request may be known: as written, and as key id and ARN if it resolves. */
export function keyNamesIn(world: World, region: string, account: string, input: Input): readonly string[] {
  const written = ['KeyId', 'SourceKeyId', 'DestinationKeyId', 'TargetKeyId'].flatMap((m) => {
    const value = input[m];
    return typeof value === 'string' ? [value] : [];
  });
  const blob = input['CiphertextBlob'];
  const header =
    typeof blob === 'string' ? readHeader(world.serviceSecret, Buffer.from(blob, 'base64')) : undefined;
  const all = header === undefined ? written : [...written, header.keyId];
  return all.flatMap((name) => {
    const aliasArn = name.startsWith('alias/') ? `arn:aws:kms:${region}:${account}:${name}` : name;
    const arn = world.state.aliases.get(aliasArn)?.targetArn ?? name;
    const key = world.state.keys.get(arn) ?? world.keyById(region, arn);
    return key === undefined ? [name] : [name, key.keyId, key.arn];
  });
}
