/** A request after its body has been read. Header names are lower-case, as node:http gives them. */
export interface WireRequest {
  readonly method: string;
  /** Path and query string, exactly as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

export function header(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** What goes back on the wire. `body` is complete; nothing is streamed. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Of a refusal; not sent as such, for whoever counts. */
  readonly errorCode?: string;
}

/** What becomes of a connection: an answer, a reset, or silence. */
export type Outcome = Answer | 'reset' | 'hang';
