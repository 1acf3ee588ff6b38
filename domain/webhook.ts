import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { canonicalJson } from './canonical';
import type { EndpointId, Instant, OrganizationId } from './ids';
import { detectionFinding } from './ocsf';
import { type ToldIncident, wordsFor } from './told';

/** Endpoints that one organization may have at a time. */
export const MOST_ENDPOINTS = 10;
/** Bytes of the key that endpoints' secrets are derived from. */
export const MASTER_BYTES = 32;

const HOST =
  /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!local$|localhost$|internal$|test$|onion$|invalid$|arpa$)[a-z][a-z0-9-]{1,62}$/;

/**
 * Where a webhook goes: `https://` with a name in lower case, on the port it goes by, and a path. Written as it is
 * sent, so that no two parsers disagree. Whether the name leads to a public address is judged at each connection.
 */
export const webhookUrl = z
  .string()
  .max(500)
  .refine(
    isPlainHttps,
    'must be https://host.name/path, on the usual port, without user, password or fragment',
  );

function isPlainHttps(text: string): boolean {
  const [, host = '', path = ''] = /^https:\/\/([^/?#]+)(\/[\x21\x24-\x7e]*)$/.exec(text) ?? [];
  if (!HOST.test(host) || /['\\"<>^`{|}]/.test(path)) return false;
  // No dot segments or escapes that a parser would take away or add, and names that there can be.
  return URL.canParse(text) && new URL(text).href === text;
}

/** The words of an address, each to be looked at by itself: a key in one of them is one in a link, too. */
export const wordsOfUrl = (url: string): readonly string[] => url.split(/[/?&=;,]/);

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const PREFIX = 'whsec_';

/**
 * An endpoint's secret (Standard Webhooks), derived by HKDF-SHA256: it is in no database, and shown once.
 * @param master {@link MASTER_BYTES}
 */
export function endpointSecret(
  master: Uint8Array,
  organization: OrganizationId,
  endpoint: EndpointId,
): string {
  const info = utf8(`smsk-webhook/v1\0${organization}\0${endpoint}`);
  return `${PREFIX}${toBase64(hkdf(sha256, master, undefined, info, 32))}`;
}

/** A secret as Standard Webhooks writes it. */
export const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'must be whsec_ and 24 to 64 bytes in base64');

/** One request to an endpoint. */
export interface WebhookCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The request, signed over id, time and body as Standard Webhooks says. @param at when it is sent */
export function webhookCall(url: string, secret: string, id: string, at: Instant, body: string): WebhookCall {
  const timestamp = String(Math.floor(Date.parse(at) / 1000));
  const key = fromBase64(secret.slice(PREFIX.length));
  const signature = toBase64(hmac(sha256, key, utf8(`${id}.${timestamp}.${body}`)));
  return {
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'smsk-webhook/1',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  };
}

/** What is told, as a webhook's body. @param id of the message, which names the event in it too */
export function webhookBody(told: ToldIncident, id: string): string {
  const { kind, deployment, incident, isExpected, statusUrl } = told;
  const { title, text, effect, remedy } = wordsFor(told);
  const { organization, closedAt, openedAt, lastRefusalAt } = incident;
  return canonicalJson({
    type: kind === 'incident-opened' ? 'incident.opened' : 'incident.closed',
    timestamp: closedAt !== null && kind === 'incident-closed' ? closedAt : openedAt,
    data: {
      deployment,
      incident: incident.id,
      organization: { id: organization.id, name: organization.name },
      title,
      code: incident.code,
      owner: incident.owner,
      text,
      effect,
      remedy,
      expected: isExpected,
      since: openedAt,
      lastRefusalAt,
      answersSince: closedAt,
      refusedOperations: incident.refusals,
      refusedProbes: incident.probes,
      providerRequestId: incident.requestId,
      ledgerEntries: { opened: incident.entries.opened, closed: incident.entries.closed },
      status: statusUrl,
      ocsf: detectionFinding(told, id),
    },
  });
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
