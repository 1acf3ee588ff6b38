import type { ProviderCode } from '../../domain/codes';
import { type AwsConnection, type Connection, isAws } from '../../domain/connection';
import { ProviderFailure } from '../../domain/failure';
import type { OnRepeated, Provider, WrapContext } from '../../domain/ports/provider';
import type { Observe } from '../calls/call';
import { onceMore } from '../calls/once-more';
import { createCall } from './call';
import { decrypt, encrypt, type WrapTarget } from './cryptography';
import { type SessionScope, scopeOf } from './session-policy';
import { type Session, type SessionOptions, Sessions } from './sessions';

export interface AwsKmsOptions extends SessionOptions {
  readonly observe: Observe;
}

/**
 * Customer keys in AWS KMS. A wrap names the pinned key once there is one. Only a `canary` wrap on an alias
 * connection still goes by the alias: it is the probe of whether the alias leads where it led (`KEY_MOVED`).
 * An unwrap always names its key.
 */
export function createAwsKmsProvider(options: AwsKmsOptions): Provider {
  const { clock, observe } = options;
  const call = createCall({ provider: 'aws-kms', clock, observe });
  const sessions = new Sessions(options, call);

  async function withSession<T>(
    connection: AwsConnection,
    scope: SessionScope,
    signal: AbortSignal,
    use: (session: Session) => Promise<T>,
    onRepeated?: OnRepeated,
  ): Promise<T> {
    const attempt = async (refresh: boolean): Promise<T> => {
      const session = await sessions.get(connection, scope, signal, refresh);
      try {
        return await use(session);
      } catch (failure) {
        if (failure instanceof ProviderFailure && ENDS_SESSION.has(failure.code)) sessions.evict(session);
        throw failure;
      }
    };
    return onceMore(attempt, { onRepeated });
  }

  return {
    wrap: async (entered, bytes, context, signal, onRepeated) => {
      const connection = ours(entered);
      const target = wrapTarget(connection, context);
      const where = { region: connection.input.region, signal };
      const use = ({ kms }: Session) => encrypt(call, kms, where, target, bytes, context);
      return withSession(connection, scopeOf(target.keyId), signal, use, onRepeated);
    },
    unwrap: async (entered, wrapped, keyRef, context, signal, onRepeated) => {
      const connection = ours(entered);
      const { pinnedKeyRef, input } = connection;
      if (pinnedKeyRef !== null && pinnedKeyRef !== keyRef) throw new ProviderFailure('KEY_MISMATCH');
      const where = { region: input.region, signal };
      const scope = { kind: 'key', arn: keyRef } as const;
      const use = ({ kms }: Session) => decrypt(call, kms, where, keyRef, wrapped, context);
      return withSession(connection, scope, signal, use, onRepeated);
    },
  };
}

/** After these the session is of no more use, or may be the reason. */
const ENDS_SESSION: ReadonlySet<ProviderCode> = new Set<ProviderCode>([
  'WRAP_DENIED',
  'UNWRAP_DENIED',
  'SESSION_EXPIRED',
  'OUR_IDENTITY',
  'OUR_CLOCK_OR_CREDS',
  'REGION_NOT_ENABLED',
  'UNCLASSIFIED',
]);

function ours(connection: Connection): AwsConnection {
  if (!isAws(connection)) throw new ProviderFailure('CONFIG_INVALID');
  return connection;
}

function wrapTarget({ input, pinnedKeyRef }: AwsConnection, { purpose }: WrapContext): WrapTarget {
  const entered = scopeOf(input.key);
  if (pinnedKeyRef === null) {
    const expected =
      entered.kind === 'key' ? ({ keyRef: input.key, otherwise: 'KEY_MISMATCH' } as const) : null;
    return { keyId: input.key, expected };
  }
  if (purpose === 'canary' && entered.kind === 'alias') {
    return { keyId: input.key, expected: { keyRef: pinnedKeyRef, otherwise: 'KEY_MOVED' } };
  }
  return { keyId: pinnedKeyRef, expected: { keyRef: pinnedKeyRef, otherwise: 'KEY_MISMATCH' } };
}
