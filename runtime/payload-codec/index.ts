export { createPayloadCodec, encodingOf, marker, SEALED_ENCODING, sealed } from './codec';
export { type CodecKeys, codecKeys } from './keys';
export { open, type SealContext, seal } from './seal';
