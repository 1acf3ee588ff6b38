import type { Answer } from '../../loopback/wire';

/**
 * A refusal of Key Vault: outer code, and for 403 and 409 the inner one that tells the cause:
 * https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
 */
export class VaultError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly inner?: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'VaultError';
  }
}

export function forbidden(inner: string, message: string): VaultError {
  return new VaultError(403, 'Forbidden', message, inner);
}

export function badParameter(message: string): VaultError {
  return new VaultError(400, 'BadParameter', message);
}

export function keyNotFound(named: string): VaultError {
  return new VaultError(
    404,
    'KeyNotFound',
    `A key with (name/id) ${named} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  );
}

export function refusalAnswer(error: VaultError, headers: Record<string, string>): Answer {
  return {
    status: error.status,
    errorCode: error.inner ?? error.code,
    headers: { ...headers, ...error.headers },
    body: JSON.stringify({
      error: {
        code: error.code,
        message: error.message,
        ...(error.inner === undefined ? {} : { innererror: { code: error.inner } }),
      },
    }),
  };
}
