/** What a client of the workflows needs: ids, queues, messages, inputs, status. Nothing here runs a workflow. */
export { actorPayloadDigest } from '../../domain/message';
export * from './ids';
export * from './inputs';
export * from './messages';
export * from './queues';
export * from './recovery';
export * from './search-attributes';
export * from './start';
export * from './status';
