/** Reading what somebody else threw: it may be anything, and even reading it may throw. */

/** `code` of Node's errors about sockets, name resolution, TLS and HTTP: the way to the provider is broken. */
const NETWORK_ERRNO =
  /^(E(AI_AGAIN|CONNREFUSED|CONNRESET|CONNABORTED|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NETRESET|NOTFOUND|NODATA|AI_FAIL|AI_NODATA|AI_NONAME|SERVFAIL|ADDRNOTAVAIL|PROTO)|ERR_TLS_.*|ERR_SSL_.*|ERR_STREAM_PREMATURE_CLOSE|ERR_SOCKET_.*|CERT_.*|UNABLE_TO_.*|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|HOSTNAME_MISMATCH|INVALID_CA|HPE_.*)$/;

export function propertyOf(raw: unknown, key: string): unknown {
  if (typeof raw !== 'object' || raw === null) return undefined;
  try {
    return (raw as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** A property that is text, else `''`. */
export function textOf(raw: unknown, key: string): string {
  const value = propertyOf(raw, key);
  return typeof value === 'string' ? value : '';
}

/** Several addresses tried, none reached: Node gathers one error per address. */
export function isNetworkError(raw: unknown): boolean {
  if (NETWORK_ERRNO.test(textOf(raw, 'code'))) return true;
  const errors = propertyOf(raw, 'errors');
  return (
    Array.isArray(errors) && errors.length > 0 && errors.every((e) => NETWORK_ERRNO.test(textOf(e, 'code')))
  );
}
