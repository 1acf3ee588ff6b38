import type { StatusClass } from '../../domain/recipient';

/** Of an HTTP status or an SMTP reply code; `null` for what is neither. */
export function classOf(code: unknown): StatusClass {
  const digit = typeof code === 'number' && code >= 100 && code < 600 ? Math.floor(code / 100) : 0;
  return digit === 1 || digit === 2 || digit === 3 || digit === 4 || digit === 5 ? digit : null;
}
