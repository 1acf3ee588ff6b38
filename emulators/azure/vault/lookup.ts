import type { KeyVersion, VaultKey } from '../model/state';
import type { VaultCall } from './call';
import { kidOf, vaultUrl } from './key-bundle';
import { badParameter, keyNotFound } from './refusal';

/** The key of that name, deleted or not; one whose retention has ended is gone. */
export function keyOf(call: VaultCall): VaultKey | undefined {
  const { vault, addressed, nowMs, world } = call;
  const id = addressed.name.toLowerCase();
  const key = vault.keys.get(id);
  if (key?.deleted === undefined || nowMs < key.deleted.purgeAt) return key;
  vault.keys.delete(id);
  world.save();
  return undefined;
}

/** The key that's there and not deleted. @throws VaultError 404 */
export function liveKey(call: VaultCall): VaultKey {
  const key = keyOf(call);
  if (key === undefined || key.deleted !== undefined) throw keyNotFound(call.addressed.name);
  call.notes.id = `${vaultUrl(call.vault)}/keys/${key.name}`;
  return key;
}

/** The version that's named, or the newest. @throws VaultError 404 */
export function liveVersion(call: VaultCall): { key: VaultKey; version: KeyVersion } {
  const key = liveKey(call);
  const { name, version: wanted } = call.addressed;
  const version = wanted === '' ? newestOf(key) : key.versions.find((v) => v.id === wanted);
  if (version === undefined) throw keyNotFound(`${name}/${wanted}`);
  call.notes.id = kidOf(call.vault, key, version);
  return { key, version };
}

export function newestOf(key: VaultKey): KeyVersion | undefined {
  return key.versions.at(-1);
}

/** @throws VaultError 400 */
export function requireName(name: string): string {
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(name))
    throw badParameter(`The request URI contains an invalid name: ${name.slice(0, 127)}`);
  return name;
}
