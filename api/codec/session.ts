import { sha256OfText } from '../../domain/digest';
import { type Instant, msOf, type Sha256Hex } from '../../domain/ids';
import { open, type SealContext, seal } from '../../runtime/payload-codec';

/** How long a sign-in lasts. */
export const SESSION_MS = 3_600_000;
const COOKIE = 'smsk_codec';
/** The routes it's sent to. */
const PATH = '/codec';

/** The signed-in token's SHA-256, and until when (milliseconds). Whether the token still counts is asked at each use. */
interface Session {
  readonly sha256: Sha256Hex;
  readonly until: number;
}

/** `Set-Cookie` of a sign-in: sealed by the codec's key, readable by no script, sent to no other site's pages. */
export function sessionCookie(
  sealing: SealContext,
  token: string,
  now: Instant,
  { secure }: { secure: boolean },
): string {
  const session: Session = { sha256: sha256OfText(token), until: msOf(now) + SESSION_MS };
  const { keyId, bytes } = seal(sealing, 'session', Buffer.from(JSON.stringify(session)));
  const value = `${keyId}.${Buffer.from(bytes).toString('base64url')}`;
  return cookie(value, SESSION_MS / 1000, secure);
}

/** `Set-Cookie` of a sign-out. */
export const endedCookie = ({ secure }: { secure: boolean }): string => cookie('', 0, secure);

const cookie = (value: string, seconds: number, secure: boolean): string =>
  `${COOKIE}=${value}; Path=${PATH}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;

/** The session that a `Cookie` header brings; `null` for none, a forged one, and one that has ended. */
export function sessionIn(
  sealing: Pick<SealContext, 'keys' | 'deployment'>,
  header: string | undefined,
  now: Instant,
): Session | null {
  const value = (header ?? '')
    .split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1);
  const [, keyId, text] = /^([a-z0-9-]{1,40})\.([A-Za-z0-9_-]{40,400})$/.exec(value ?? '') ?? [];
  if (keyId === undefined || text === undefined) return null;
  const plaintext = open(sealing, 'session', { keyId, bytes: Buffer.from(text, 'base64url') });
  if (typeof plaintext === 'string') return null;
  const session = JSON.parse(new TextDecoder().decode(plaintext)) as Session;
  return session.until > msOf(now) ? session : null;
}
