import { request } from 'node:http';
import type { Signer } from '../domain/ports/signer';
import { SignerRefused, SignerUnavailable } from './signer-errors';
import { isSignerRefusal, refusal, remoteSigner, STATE_UNKNOWN } from './signer-wire';
import { StateUnknown } from './state-unknown';

export interface SignerClientOptions {
  readonly socketPath: string;
  readonly token: string;
  /** From the call to its whole answer. */
  readonly deadlineMs?: number;
}

/**
 * The signer behind its door, under the same contract.
 * @throws SignerRefused as the signer; SignerUnavailable when there was no whole answer within the deadline or
 * it wasn't one of the door's; StateUnknown when the signer has stopped and must be started again.
 */
export function signerClient(options: SignerClientOptions): Signer {
  return remoteSigner(async (method, body) => {
    const { status, text } = await post(options, `/v1/${method}`, JSON.stringify(body));
    if (status === 200) return jsonOf(text);
    const { data } = refusal.safeParse(jsonOf(text));
    if (data !== undefined && isSignerRefusal(data.code)) throw new SignerRefused(data.code);
    if (data?.code === STATE_UNKNOWN) throw new StateUnknown('the signer stopped');
    throw new SignerUnavailable(`the signer answered ${status}`);
  });
}

function post(
  options: SignerClientOptions,
  path: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    // The cause stays here: it names paths and sockets, and nobody needs it.
    const unavailable = () =>
      reject(new SignerUnavailable('the signer did not answer in time or can’t be reached'));
    const outgoing = request(
      {
        socketPath: options.socketPath,
        path,
        method: 'POST',
        headers: {
          authorization: `Bearer ${options.token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
        signal: AbortSignal.timeout(options.deadlineMs ?? 5_000),
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', unavailable);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    outgoing.once('error', unavailable);
    outgoing.end(body);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
