import { z } from 'zod';
import type {
  ConnectionId,
  DeploymentId,
  DryRunId,
  EndpointId,
  Instant,
  Jws,
  KeyRef,
  OperationId,
  OrganizationId,
  OrganizationName,
  RequestId,
  Sha256Hex,
  Thumbprint,
} from '../ids';

/** Every field that comes from outside has its grammar here (invariant 7). */
const branded = <T extends string>(schema: z.ZodString, what: string, pattern: RegExp) =>
  schema.regex(pattern, what).transform((text) => text as unknown as T);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const organizationName = branded<OrganizationName>(
  z.string().max(40),
  'must be 2 to 40 lower-case letters, digits or hyphens, starting with a letter',
  /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/,
);
export const organizationId = branded<OrganizationId>(z.string(), 'must be an organization id (UUID)', UUID);
export const deploymentId = branded<DeploymentId>(
  z.string(),
  'must be 2 to 40 of a-z, 0-9, hyphen',
  /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/,
);
export const operationId = branded<OperationId>(z.string(), 'must be an operation id (UUID)', UUID);
export const connectionId = branded<ConnectionId>(z.string(), 'must be a connection id (UUID)', UUID);
export const dryRunId = branded<DryRunId>(z.string(), 'must be a dry-run id (UUID)', UUID);
export const sha256Hex = branded<Sha256Hex>(z.string(), 'must be 64 lower-case hex digits', /^[0-9a-f]{64}$/);
export const thumbprint = branded<Thumbprint>(
  z.string(),
  'must be a JWK thumbprint (43 base64url characters)',
  /^[A-Za-z0-9_-]{43}$/,
);
export const jws = branded<Jws>(
  z.string().max(16_384),
  'must be a compact JWS: three base64url parts joined by dots',
  /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/,
);
/** The caller's own words: one line, printable, short. Scanned for key material where it enters. */
export const freeText = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}\p{Co}]*$/u, 'must be one line of printable characters');
/** A moment as we write it. */
export const instant = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
    'must be a date and time in UTC, like 2027-01-31T00:00:00.000Z',
  )
  .refine((text) => !Number.isNaN(Date.parse(text)), 'is no date')
  .transform((text) => text as Instant);
export const endpointId = branded<EndpointId>(z.string(), 'must be an endpoint id (UUID)', UUID);
export const orderRef = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{1,63}$/, 'must be an order reference');
export const emailAddress = z.email().max(254);
export const httpsLink = z.url({ protocol: /^https$/ }).max(500);

const REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const KEY_REF = /^[A-Za-z0-9][A-Za-z0-9:/._-]{0,255}$/;

/** A provider's request id, or `null` where it doesn't match the grammar (≤ 64 characters): then it is dropped. */
export function requestIdOf(raw: unknown): RequestId | null {
  return typeof raw === 'string' && REQUEST_ID.test(raw) ? (raw as RequestId) : null;
}

/** A provider's key id, or `null` where it doesn't match the grammar (≤ 256 characters). */
export function keyRefOf(raw: unknown): KeyRef | null {
  return typeof raw === 'string' && KEY_REF.test(raw) ? (raw as KeyRef) : null;
}
