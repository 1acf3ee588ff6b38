import type { Effect } from './code';
import { OFFBOARDING_CODES } from './offboarding-codes';

export interface RequestCodeEntry {
  /** HTTP status of the problem+json answer (RFC 9457). */
  readonly status: 400 | 401 | 403 | 404 | 409 | 410 | 413 | 422 | 429 | 500 | 503;
  readonly effect: Effect;
  readonly text: string;
  readonly remedy: string;
}

/** Codes a request, a message or a step can be refused with. */
export const REQUEST_CODES = {
  INPUT_INVALID: {
    status: 400,
    effect: 'none',
    text: 'A field of the request isn’t of its form.',
    remedy: 'Correct the field that is named.',
  },
  INPUT_TOO_LARGE: {
    status: 413,
    effect: 'none',
    text: 'The request is larger than allowed (1,000 items, 8 MiB).',
    remedy: 'Send it in smaller batches.',
  },
  RAW_KEY_MATERIAL: {
    status: 422,
    effect: 'none',
    text: 'The field holds something that looks like key material or a credential. It was not kept.',
    remedy: 'Never send keys: enter the key’s identifier and a role. If a real key was sent, replace it.',
  },
  PAYLOAD_UNSEALED: {
    status: 422,
    effect: 'none',
    text: 'The input came past the codec, so it was stored before anybody could look at it. It was not acted on.',
    remedy:
      'Send it through the console, `smsk`, or a Temporal Web UI with its codec endpoint on. The history that holds it is deleted; if a key was in it, replace the key.',
  },
  PAYLOAD_UNREADABLE: {
    status: 422,
    effect: 'none',
    text: 'The input is marked as sealed, but not by a key of this deployment, or it was changed on the way. It was not acted on.',
    remedy:
      'Send it again. If it comes from a process of this deployment, compare the codec keys of all processes: a new key must be known to all before it is the first.',
  },
  UNAUTHENTICATED: {
    status: 401,
    effect: 'none',
    text: 'The token is missing or unknown.',
    remedy: 'Send a valid token as Authorization: Bearer.',
  },
  FORBIDDEN: {
    status: 403,
    effect: 'none',
    text: 'This token may not do that.',
    remedy: 'Use a token with the role that the action names.',
  },
  ORGANIZATION_UNKNOWN: {
    status: 404,
    effect: 'none',
    text: 'There is no such organization, or this token isn’t its.',
    remedy: 'Check the name.',
  },
  OPERATION_UNKNOWN: {
    status: 404,
    effect: 'none',
    text: 'There is no such operation for this organization.',
    remedy: 'Read the current one with `smsk status`.',
  },
  INCIDENT_UNKNOWN: {
    status: 404,
    effect: 'none',
    text: 'There is no such incident for this organization, or none is open.',
    remedy: 'List them with `smsk incident list`.',
  },
  ORGANIZATION_EXISTS: {
    status: 409,
    effect: 'none',
    text: 'An organization of that name exists.',
    remedy: 'Choose another name.',
  },
  ALREADY_ACTIVE: {
    status: 409,
    effect: 'none',
    text: 'This organization is in customer custody already.',
    remedy: 'To use another key, ask for a change of connection.',
  },
  NOT_CUSTOMER_CUSTODY: {
    status: 409,
    effect: 'none',
    text: 'This organization isn’t in customer custody, or its activation isn’t through yet.',
    remedy: 'Activate the customer’s key first; `smsk status` shows how far that is.',
  },
  NOTHING_TO_ROTATE: {
    status: 409,
    effect: 'none',
    text: 'Every live envelope is under the newest version of the customer’s key already. AWS KMS turns key material over behind one key, so there is nothing to wrap anew.',
    remedy: 'For a new version of the workspace key as well, ask for it: `smsk rotate --new-key-version`.',
  },
  NOTHING_TO_CHANGE: {
    status: 409,
    effect: 'none',
    text: 'That is the connection in use: same provider, key and credential.',
    remedy: 'Enter another key, account or credential, or cancel the change.',
  },
  KEY_IN_USE_REFUSES: {
    status: 409,
    effect: 'none',
    text: 'The key in use can’t be used now, so what it wraps can’t be moved to another. Nothing has changed.',
    remedy: 'Make the key in use answer again (`smsk incident list` says what it refuses), then ask again.',
  },
  OPERATION_OPEN: {
    status: 409,
    effect: 'none',
    text: 'An operation is open for this organization already: of those that people approve, one is open at a time.',
    remedy: 'Follow or cancel the open one; `smsk status` shows it.',
  },
  OPERATION_LOCKED: {
    status: 409,
    effect: 'none',
    text: 'Another custody operation of this organization holds the lock.',
    remedy: 'Wait until it has ended.',
  },
  OPERATION_STALE: {
    status: 409,
    effect: 'none',
    text: 'This step belongs to a superseded run, so it changed nothing.',
    remedy: 'Follow the run that `smsk status` shows.',
  },
  WORKFLOW_ID_FOREIGN: {
    status: 400,
    effect: 'none',
    text: 'The workflow was started under an id that isn’t its own.',
    remedy: 'Start it with the id that is named.',
  },
  STAGE_MISMATCH: {
    status: 409,
    effect: 'none',
    text: 'This action isn’t possible at the present stage.',
    remedy: 'See `smsk status` for what is awaited, and from whom.',
  },
  DRY_RUN_NOT_EXPLICIT: {
    status: 400,
    effect: 'none',
    text: 'The dry-run has no default: dryRun must be given, and true.',
    remedy: 'Launch it with {"dryRun": true}.',
  },
  DRY_RUN_NOT_CLEAN: {
    status: 409,
    effect: 'setup-blocked',
    text: 'The dry-run has findings that block.',
    remedy: 'Mend what its findings name and launch another.',
  },
  PLAN_UNKNOWN: {
    status: 409,
    effect: 'none',
    text: 'No dry-run of this operation has that plan digest.',
    remedy: 'Use the digest of the latest dry-run.',
  },
  PLAN_CHANGED: {
    status: 409,
    effect: 'setup-blocked',
    text: 'Something the plan was computed from has changed since, so it isn’t carried out.',
    remedy: 'Launch a new dry-run, review it, and have it approved.',
  },
  PLAN_EXPIRED: {
    status: 410,
    effect: 'setup-blocked',
    text: 'The plan has expired.',
    remedy: 'Launch a new dry-run, review it, and have it approved.',
  },
  ORDER_MISSING: {
    status: 403,
    effect: 'setup-blocked',
    text: 'There is no order for this organization.',
    remedy: 'The commercial process issues it; nobody can grant it here.',
  },
  ORDER_MALFORMED: {
    status: 400,
    effect: 'setup-blocked',
    text: 'The order isn’t a well-formed signed order.',
    remedy: 'Have it issued again.',
  },
  ORDER_SIGNATURE_INVALID: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The order’s signature isn’t from the commerce system we trust.',
    remedy: 'Have it issued by the commerce system.',
  },
  ORDER_EXPIRED: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The order has expired.',
    remedy: 'Have it renewed by the commercial process.',
  },
  ORDER_WITHDRAWN: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The order was withdrawn.',
    remedy: 'Have a new one issued by the commercial process.',
  },
  ORDER_FOREIGN: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The order is for another organization or deployment.',
    remedy: 'Have it issued for this organization’s id.',
  },
  ORDER_REPLAYED: {
    status: 409,
    effect: 'setup-blocked',
    text: 'A newer order or withdrawal is on record.',
    remedy: 'Use the newest one.',
  },
  ORDER_DEVELOPMENT: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The order is signed with a development key, which this deployment refuses.',
    remedy: 'Have it issued by the production commerce system.',
  },
  CONNECTION_IN_USE: {
    status: 409,
    effect: 'setup-blocked',
    text: 'This role or key is already connected to another organization.',
    remedy: 'Use a role and a key of this organization’s own.',
  },
  REFERENCE_EXISTS: {
    status: 409,
    effect: 'none',
    text: 'A credential reference of that name stands, or waits for its confirmation.',
    remedy:
      'Have the waiting one confirmed. One that counts takes a renewal for the same key; for another key choose another name, or withdraw it first.',
  },
  REFERENCE_NOT_FOUND: {
    status: 404,
    effect: 'none',
    text: 'There is no such credential reference for this organization, or none that waits to be confirmed.',
    remedy: 'See `smsk credential list` for where each name stands.',
  },
  SECOND_PERSON_NEEDED: {
    status: 403,
    effect: 'none',
    text: 'The second person must be another one: whoever registered a credential reference can’t confirm it, and whoever started an offboarding can’t approve it.',
    remedy: 'Have another member of staff do it.',
  },
  VERIFICATION_MISSING: {
    status: 409,
    effect: 'setup-blocked',
    text: 'There is no clean verification of this connection.',
    remedy: 'Run verification until it is clean.',
  },
  APPROVAL_MALFORMED: {
    status: 400,
    effect: 'setup-blocked',
    text: 'The approval isn’t a well-formed signed approval.',
    remedy: 'Sign it again with `smsk approve`.',
  },
  APPROVAL_SIGNATURE_INVALID: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The approval’s signature doesn’t match the enrolled key.',
    remedy: 'Sign it with the enrolled key.',
  },
  APPROVAL_KEY_UNKNOWN: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The approval is signed with a key that isn’t enrolled.',
    remedy: 'Sign it with an enrolled key, or enrol this one first.',
  },
  APPROVAL_KEY_REMOVED: {
    status: 403,
    effect: 'setup-blocked',
    text: 'The approval is signed with a key that was removed.',
    remedy: 'Sign it with a key that is enrolled now.',
  },
  APPROVAL_EXPIRED: {
    status: 410,
    effect: 'setup-blocked',
    text: 'The approval has expired.',
    remedy: 'Sign a new one.',
  },
  APPROVAL_REPLAYED: {
    status: 409,
    effect: 'setup-blocked',
    text: 'This approval was used before.',
    remedy: 'Sign a new one.',
  },
  APPROVAL_OTHER_PLAN: {
    status: 409,
    effect: 'setup-blocked',
    text: 'The approval is for another plan, operation or organization.',
    remedy: 'Read the latest dry-run and sign its digest.',
  },
  APPROVAL_MISSING: {
    status: 409,
    effect: 'setup-blocked',
    text: 'There is no valid approval of this plan.',
    remedy: 'Have the customer admin sign the plan.',
  },
  ...OFFBOARDING_CODES,
  ACTOR_INVALID: {
    status: 403,
    effect: 'none',
    text: 'The message doesn’t prove who sent it.',
    remedy: 'Send it through the console or `smsk`, not by hand.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    effect: 'none',
    text: 'This idempotency key was used for another request.',
    remedy: 'Mint a new key for each user action.',
  },
  WORKSPACE_UNAVAILABLE: {
    status: 503,
    effect: 'unreadable',
    text: 'The provider of this organization’s key refused or didn’t answer.',
    remedy: 'See the provider code beside this one.',
  },
  CIPHERTEXT_MALFORMED: {
    status: 400,
    effect: 'none',
    text: 'The ciphertext isn’t of our format.',
    remedy: 'Send exactly what encrypt returned.',
  },
  CIPHERTEXT_REJECTED: {
    status: 422,
    effect: 'none',
    text: 'The ciphertext doesn’t belong to this organization and context, or was altered.',
    remedy: 'Send it with the organization and context it was encrypted with.',
  },
  OVERLOADED: {
    status: 503,
    effect: 'none',
    text: 'Too many operations of this organization are waiting.',
    remedy: 'Retry after a second.',
  },
  ENDPOINT_UNKNOWN: {
    status: 404,
    effect: 'none',
    text: 'There is no such webhook endpoint of this organization, or it was removed.',
    remedy: 'See those there are with `smsk notify list`.',
  },
  MAINTENANCE_UNKNOWN: {
    status: 404,
    effect: 'none',
    text: 'There is no such maintenance window, or it was cancelled.',
    remedy: 'See those there are with `smsk maintenance list`.',
  },
  NOTICE_UNDELIVERED: {
    status: 503,
    effect: 'none',
    text: 'A notice about an incident wasn’t accepted by the receiver, or there was no answer.',
    remedy: 'It is tried again for a day. Check that the receiver is up and answers 2xx.',
  },
  LEDGER_BEHIND: {
    status: 503,
    effect: 'none',
    text: 'The database doesn’t continue the ledger that was signed, as after restoring a backup: nothing of the organization is changed or encrypted until it is reconciled; what is encrypted can be read.',
    remedy:
      'Operator: run smsk-restore, which brings the database to what was signed and published. It goes on by itself within a minute of that.',
  },
  LEDGER_MISMATCH: {
    status: 503,
    effect: 'setup-blocked',
    text: 'The database isn’t what its signed ledger says; nothing about custody is decided on it.',
    remedy:
      'Operator: find out who changed the database, and put a backup in place that isn’t older than the newest signed checkpoint.',
  },
  NO_WORKER: {
    status: 503,
    effect: 'none',
    text: 'No worker answered in time. The request may still be carried out.',
    remedy: 'Repeat it with the same idempotency key.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    effect: 'unreadable',
    text: 'Our database can’t be reached, so this wasn’t answered. The customer’s key and its provider have nothing to do with it.',
    remedy:
      'Repeat it after a few seconds, a change with the same idempotency key: it was carried out whole or not at all, and no content was handed out. It works again by itself with the database. Operator: bring PostgreSQL back, or free its connections; nothing of ours is to be restarted or mended after it.',
  },
  NOT_READY: {
    status: 503,
    effect: 'none',
    text: 'The service is starting or stopping.',
    remedy: 'Retry after a few seconds.',
  },
  INTERNAL: {
    status: 500,
    effect: 'none',
    text: 'Something failed on our side.',
    remedy: 'Repeat it with the same idempotency key; if it persists, give support the reference.',
  },
} as const satisfies Record<string, RequestCodeEntry>;

export type RequestCode = keyof typeof REQUEST_CODES;
