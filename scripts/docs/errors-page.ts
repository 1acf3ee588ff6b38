import { EXIT_MEANINGS } from '../../cli/exit-codes';
import {
  EFFECT_TEXT,
  type Owner,
  PROVIDER_CODES,
  REQUEST_CODES,
  type RequestCodeEntry,
  type RetryPolicy,
} from '../../domain/codes';
import type { CodeEntry } from '../../domain/codes/code';
import { row } from './markdown';

const RETRY_TEXT: Readonly<Record<RetryPolicy, string>> = {
  fast: 'tried again with back-off, within the operation’s deadline',
  slow: 'polled until it recovers: 10 s to 5 min apart, for ever',
  once: 'session renewed and tried once more at once',
  never: 'not tried again before something is changed',
};
const OWNER_TEXT: Readonly<Record<Owner, string>> = {
  customer: 'the customer',
  provider: 'the provider',
  operator: 'us, the operator',
};

/** `docs/ERRORS.md`: every code with its text, remedy and effect, as the tables in `domain/codes` have them. */
export function errorsPage(): string {
  return [
    '# Errors',
    '',
    'Generated from `domain/codes/` by `scripts/docs/errors.ts`; don’t edit it. Codes are stable.',
    '',
    '## How an error is answered',
    '',
    'Every error of the API is `application/problem+json` (RFC 9457):',
    '',
    row('member', 'what it is'),
    row('---', '---'),
    ...MEMBERS.map(([name, what]) => row(`\`${name}\``, what)),
    '',
    'When an organization’s key can’t be used, `code` is `WORKSPACE_UNAVAILABLE` (503) and `providerCode` is one of',
    'the provider codes below; remedy and effect are the provider code’s. The next operation asks the provider anew.',
    '',
    '## What an error does to the data',
    '',
    row('effect', 'in words'),
    row('---', '---'),
    ...Object.entries(EFFECT_TEXT).map(([effect, text]) => row(`\`${effect}\``, text)),
    '',
    '## Provider codes',
    '',
    'What a call to a key provider can end with. Nothing else of a provider’s answer is kept or shown, but its',
    'request id and key id where they are of their grammar.',
    '',
    row('code', 'what happened', 'who mends it', 'what to do', 'effect', 'we'),
    row('---', '---', '---', '---', '---', '---'),
    ...Object.entries<CodeEntry>(PROVIDER_CODES).map(([code, { text, owner, remedy, effect, retry }]) =>
      row(`\`${code}\``, text, OWNER_TEXT[owner], remedy, `\`${effect}\``, RETRY_TEXT[retry]),
    ),
    '',
    '## Request codes',
    '',
    'What a request, a message or a step can be refused with.',
    '',
    row('code', 'HTTP', 'what happened', 'what to do', 'effect'),
    row('---', '---', '---', '---', '---'),
    ...Object.entries<RequestCodeEntry>(REQUEST_CODES).map(([code, { status, text, remedy, effect }]) =>
      row(`\`${code}\``, String(status), text, remedy, `\`${effect}\``),
    ),
    '',
    '## Exit codes of `smsk`',
    '',
    row('code', 'meaning'),
    row('---', '---'),
    ...Object.entries(EXIT_MEANINGS).map(([code, meaning]) => row(code, meaning)),
    '',
  ].join('\n');
}

const MEMBERS = [
  ['code', 'one of the codes below'],
  ['text', 'what happened; `title` says the same'],
  ['effect', 'what it does to the organization’s data, in words'],
  ['remedy', 'what to do about it'],
  ['detail', 'what exactly: the field, the date, the digest; absent where there’s nothing to add'],
  ['reference', 'this request, for support'],
  ['providerCode', 'only with `WORKSPACE_UNAVAILABLE`: why'],
  ['providerRequestId', 'only with `WORKSPACE_UNAVAILABLE`: the call, for a search in the provider’s log'],
  ['type', '`urn:smsk:problem:` and the code'],
  ['status', 'the HTTP status'],
] as const;
