import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { Session } from '../model/caller';
import type { World } from '../model/world';

/**
 * The session travels inside its own token, sealed with the service's secret: sessions need no storage and
 * survive a restart. AWS's tokens are opaque as well.
 */
const cached = new WeakMap<World, Map<string, Session>>();
const cachedAtMost = 10_000;

export function sealSession(world: World, session: Session): string {
  const nonce = world.random(12);
  const cipher = createCipheriv('aes-256-gcm', tokenKey(world), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(session), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** undefined if the token isn't one of ours; an expired one is opened, the caller of this judges the time. */
export function openSession(world: World, token: string): Session | undefined {
  const cache = cached.get(world) ?? new Map<string, Session>();
  cached.set(world, cache);
  const known = cache.get(token);
  if (known !== undefined) return known;
  const session = open(world, token);
  if (session === undefined) return undefined;
  if (cache.size >= cachedAtMost) cache.clear();
  cache.set(token, session);
  return session;
}

function open(world: World, token: string): Session | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length < 29) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', tokenKey(world), bytes.subarray(0, 12), {
      authTagLength: 16,
    });
    decipher.setAuthTag(bytes.subarray(12, 28));
    const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    return JSON.parse(text) as Session;
  } catch {
    return undefined;
  }
}

function tokenKey(world: World): Buffer {
  return createHmac('sha256', world.serviceSecret).update('session-token').digest();
}
