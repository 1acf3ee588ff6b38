import { amzDateOf, signatureOf, signingKeyOf } from './wire/sigv4';

/**
 * IAM over the wire for scripts and tests of this repository, which has no IAM SDK among its dependencies.
 * Anybody else uses the official ones: the same calls work with boto3 and the AWS CLI.
 */
export interface IamClient {
  /** @returns the XML of the answer @throws IamRefusal */
  call(action: string, fields: Readonly<Record<string, string>>): Promise<string>;
}

export class IamRefusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = code;
  }
}

export interface IamCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export function createIamClient(
  url: string,
  credentials: IamCredentials,
  clock: () => number = Date.now,
): IamClient {
  const host = new URL(url).host;
  return {
    call: async (action, fields) => {
      const body = new URLSearchParams({ Action: action, Version: '2010-05-08', ...fields }).toString();
      const amzDate = amzDateOf(clock());
      const headers: Record<string, string> = {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        host,
        'x-amz-date': amzDate,
        ...(credentials.sessionToken === undefined
          ? {}
          : { 'x-amz-security-token': credentials.sessionToken }),
      };
      const signed = Object.keys(headers).sort();
      const scope = { date: amzDate.slice(0, 8), region: 'us-east-1', service: 'iam' };
      const signable = {
        method: 'POST',
        target: '/',
        body: Buffer.from(body),
        header: (name: string) => headers[name],
      };
      const signature = signatureOf(
        signable,
        signed,
        amzDate,
        scope,
        signingKeyOf(credentials.secretAccessKey, scope),
      );
      const credential = `${credentials.accessKeyId}/${scope.date}/${scope.region}/${scope.service}/aws4_request`;
      const response = await fetch(`${url}/`, {
        method: 'POST',
        headers: {
          ...headers,
          authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed.join(';')}, Signature=${signature}`,
        },
        body,
      });
      const xml = await response.text();
      if (response.ok) return xml;
      throw new IamRefusal(element(xml, 'Code') ?? String(response.status), element(xml, 'Message') ?? '');
    },
  };
}

/** Text of the first such element; undefined if there is none. */
export function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}
