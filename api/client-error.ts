import type { FastifyServerOptions } from 'fastify';
import { Refusal } from '../domain/failure';
import type { ApiDeps } from './deps';
import { problemOf } from './problem';

/** What isn't HTTP never becomes a request: it's answered and logged here, and the connection ends. */
export function answerRubbish({
  uuid,
  logger,
  metrics,
}: Pick<ApiDeps, 'uuid' | 'logger' | 'metrics'>): NonNullable<FastifyServerOptions['clientErrorHandler']> {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
    const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW';
    const refusal = isTooLarge
      ? new Refusal('INPUT_TOO_LARGE', 'the headers are over 16 KiB')
      : new Refusal(
          'INPUT_INVALID',
          error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
            ? 'the request didn’t arrive within its time'
            : 'this isn’t an HTTP request',
        );
    const problem = problemOf(refusal, uuid());
    metrics.refusals.inc({ code: problem.code });
    logger.info(
      { event: 'api.request', reference: problem.reference, route: 'unknown', code: problem.code },
      'request',
    );
    const body = JSON.stringify(problem);
    socket.end(
      [
        `HTTP/1.1 ${problem.status} ${isTooLarge ? 'Content Too Large' : 'Bad Request'}`,
        'Content-Type: application/problem+json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  };
}
