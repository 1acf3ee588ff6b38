/** What a find is called; stable, since ledgers and tickets name it. */
export const DETECTORS = [
  'pem',
  'putty-key',
  'age-secret-key',
  'private-key-text',
  'jwk',
  'der-private-key',
  'pkcs12',
  'key-store',
  'aws-access-key-id',
  'aws-secret-access-key',
  'aws-session-token',
  'azure-client-secret',
  'azure-connection-string',
  'azure-sas',
  'url-password',
  'connection-string-password',
  'json-web-token',
  'bearer-token',
  'service-token',
  'labelled-secret',
  'hex-key',
  'base64-key',
  'opaque-base64',
  'byte-list',
  'unscanned',
] as const;
export type Detector = (typeof DETECTORS)[number];

/** A find in a text: from which character on, and how many characters. Nothing of the content. */
export interface TextFind {
  readonly detector: Detector;
  readonly at: number;
  readonly length: number;
}

/** What is known of a text beside its characters. */
export interface Scope {
  /** Name of the field: counts as the words before the text. */
  readonly label?: string;
  /** Digests and thumbprints of this organization, as they're written: pasted, they're no keys. */
  readonly known?: ReadonlySet<string>;
}
