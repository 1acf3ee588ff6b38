import type { Configuration } from '../../runtime/config';
import { createPayloadCodec, type SealContext } from '../../runtime/payload-codec';
import type { CodecDeps } from '../deps';

/** The codec endpoint's parts: for the Web UI that people are pointed to, and for those named beside it. */
export function codecDeps(
  { uiUrl, codec }: Pick<Configuration['temporal'], 'uiUrl' | 'codec'>,
  sealing: SealContext,
): CodecDeps {
  const urls = [...(uiUrl === null ? [] : [uiUrl]), ...codec.uiOrigins];
  return {
    sealing,
    payloads: createPayloadCodec(sealing),
    origins: urls.map((url) => new URL(url).origin),
  };
}
