import { z } from 'zod';
import type { Deletion, SecretVersion, VaultSecret } from '../model/state';
import type { VaultCall } from './call';
import { seconds, vaultUrl } from './key-bundle';
import { parsed } from './lifecycle';
import { requireName } from './lookup';
import { forbidden, VaultError } from './refusal';

/** Secrets of a vault: https://learn.microsoft.com/rest/api/keyvault/secrets */
const dayMs = 86_400_000;

const changeable = {
  contentType: z.string().max(255).optional(),
  attributes: z
    .looseObject({
      enabled: z.boolean().optional(),
      nbf: z.int().min(0).optional(),
      exp: z.int().min(0).optional(),
    })
    .optional(),
};
const setSchema = z.looseObject({ value: z.string().max(25_600), ...changeable });
const changeSchema = z.looseObject(changeable);
type Change = z.output<typeof changeSchema>;

export function setSecret(call: VaultCall, body: unknown): object {
  const { vault, world, nowMs } = call;
  const name = requireName(call.addressed.name);
  const { value, ...wanted } = parsed(setSchema, body);
  const known = secretOf(call);
  if (known?.deleted !== undefined) {
    throw new VaultError(
      409,
      'Conflict',
      `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      'ObjectIsDeletedButRecoverable',
    );
  }
  const secret: VaultSecret = known ?? { name, versions: [], deleted: undefined };
  const version: SecretVersion = {
    id: world.random(16).toString('hex'),
    value,
    contentType: undefined,
    createdAt: nowMs,
    updatedAt: nowMs,
    enabled: true,
    notBefore: undefined,
    expires: undefined,
  };
  apply(version, wanted);
  secret.versions.push(version);
  vault.secrets.set(name.toLowerCase(), secret);
  call.notes.changed = true;
  return bundle(call, secret, version, true);
}

/** Its dates don't matter here: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets#date-time-controlled-operations */
export function getSecret(call: VaultCall): object {
  const { secret, version } = liveVersion(call);
  if (!version.enabled)
    throw forbidden('SecretDisabled', 'Operation get is not allowed on a disabled secret.');
  return bundle(call, secret, version, true);
}

export function updateSecret(call: VaultCall, body: unknown): object {
  const { secret, version } = liveVersion(call);
  apply(version, parsed(changeSchema, body));
  version.updatedAt = call.nowMs;
  call.notes.changed = true;
  return bundle(call, secret, version, false);
}

export function deleteSecret(call: VaultCall): object {
  const { secret, version } = liveVersion(call);
  secret.deleted = { at: call.nowMs, purgeAt: call.nowMs + call.vault.retentionDays * dayMs };
  call.notes.changed = true;
  return deletedBundle(call, secret, version, secret.deleted);
}

export function getDeletedSecret(call: VaultCall): object {
  const secret = secretOf(call);
  const version = secret?.versions.at(-1);
  if (secret?.deleted === undefined || version === undefined)
    throw new VaultError(404, 'SecretNotFound', `Deleted Secret not found: ${call.addressed.name}`);
  return deletedBundle(call, secret, version, secret.deleted);
}

const deletedBundle = (
  call: VaultCall,
  secret: VaultSecret,
  version: SecretVersion,
  { at, purgeAt }: Deletion,
): object => ({
  ...bundle(call, secret, version, false),
  recoveryId: `${vaultUrl(call.vault)}/deletedsecrets/${secret.name}`,
  deletedDate: seconds(at),
  scheduledPurgeDate: seconds(purgeAt),
});

function secretOf({ vault, addressed, nowMs, world }: VaultCall): VaultSecret | undefined {
  const id = addressed.name.toLowerCase();
  const secret = vault.secrets.get(id);
  if (secret?.deleted === undefined || nowMs < secret.deleted.purgeAt) return secret;
  vault.secrets.delete(id);
  world.save();
  return undefined;
}

/** The version that's named, or the newest. @throws VaultError 404 */
function liveVersion(call: VaultCall): { secret: VaultSecret; version: SecretVersion } {
  const { name, version: wanted } = call.addressed;
  const secret = secretOf(call);
  const live = secret?.deleted === undefined ? secret : undefined;
  const version = wanted === '' ? live?.versions.at(-1) : live?.versions.find((v) => v.id === wanted);
  if (live === undefined || version === undefined) {
    throw new VaultError(
      404,
      'SecretNotFound',
      `A secret with (name/id) ${wanted === '' ? name : `${name}/${wanted}`} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
    );
  }
  return { secret: live, version };
}

function apply(version: SecretVersion, { attributes, contentType }: Change): void {
  if (contentType !== undefined) version.contentType = contentType;
  if (attributes?.enabled !== undefined) version.enabled = attributes.enabled;
  if (attributes?.nbf !== undefined) version.notBefore = attributes.nbf * 1000;
  if (attributes?.exp !== undefined) version.expires = attributes.exp * 1000;
}

function bundle(call: VaultCall, secret: VaultSecret, version: SecretVersion, withValue: boolean): object {
  const { notBefore, expires, contentType } = version;
  const id = `${vaultUrl(call.vault)}/secrets/${secret.name}/${version.id}`;
  call.notes.id = id;
  return {
    ...(withValue ? { value: version.value } : {}),
    id,
    ...(contentType === undefined ? {} : { contentType }),
    attributes: {
      enabled: version.enabled,
      ...(notBefore === undefined ? {} : { nbf: seconds(notBefore) }),
      ...(expires === undefined ? {} : { exp: seconds(expires) }),
      created: seconds(version.createdAt),
      updated: seconds(version.updatedAt),
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: call.vault.retentionDays,
    },
    tags: {},
  };
}
