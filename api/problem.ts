import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import {
  CiphertextMalformed,
  CiphertextRejected,
  ContextInvalid,
  PlaintextOversize,
} from '../cipher/content-errors';
import { WorkspaceUnavailable } from '../cipher/failures';
import {
  type Code,
  describeCode,
  EFFECT_TEXT,
  PROVIDER_CODES,
  type ProviderCode,
  REQUEST_CODES,
  type RequestCode,
} from '../domain/codes';
import { DatabaseUnavailable, ProviderFailure, Refusal } from '../domain/failure';
import type { RequestId } from '../domain/ids';
import { fieldFault } from './field-fault';
import type { Problem } from './shapes/problem';

/**
 * The one function that turns an error into an answer (RFC 9457). Every word of the answer is from the code
 * table or a {@link Refusal}'s own detail: an error that isn't one of ours says INTERNAL and nothing else.
 * @param reference the request's id, by which our log finds what happened.
 */
export function problemOf(error: unknown, reference: string): Problem {
  if (error instanceof WorkspaceUnavailable)
    return unavailable(error.providerCode, error.requestId, reference);
  if (error instanceof ProviderFailure) return unavailable(error.code, error.requestId, reference);
  const { code, detail } = refusalOf(error);
  return problem(code, code, detail, reference);
}

/** The code an error is answered with, and what exactly. */
export function refusalOf(error: unknown): { code: RequestCode; detail: string | null } {
  if (error instanceof Refusal) return error;
  if (error instanceof DatabaseUnavailable) return { code: error.code, detail: null };
  if (error instanceof CiphertextRejected) return { code: 'CIPHERTEXT_REJECTED', detail: null };
  if (error instanceof CiphertextMalformed) return { code: 'CIPHERTEXT_MALFORMED', detail: error.fault };
  if (error instanceof PlaintextOversize) return { code: 'INPUT_TOO_LARGE', detail: null };
  if (error instanceof ContextInvalid) return { code: 'INPUT_INVALID', detail: `context: ${error.fault}` };
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = error.validationContext ?? 'body';
    return { code: 'INPUT_INVALID', detail: fieldFault(where, error.validation) };
  }
  return httpFault(error) ?? { code: 'INTERNAL', detail: null };
}

/** What Fastify itself refuses, by its stable codes. */
function httpFault(error: unknown): { code: RequestCode; detail: string } | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'INPUT_TOO_LARGE', detail: 'the body is over this route’s limit' };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
      return { code: 'INPUT_INVALID', detail: 'content-type: must be application/json' };
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return { code: 'INPUT_INVALID', detail: 'body: is empty' };
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'INPUT_INVALID', detail: 'body: is not JSON' };
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return { code: 'INPUT_INVALID', detail: 'url: is not of a form we know' };
    default:
      return error instanceof SyntaxError && 'statusCode' in error
        ? { code: 'INPUT_INVALID', detail: 'body: is not JSON' }
        : null;
  }
}

function unavailable(code: ProviderCode, requestId: RequestId | null, reference: string): Problem {
  return {
    ...problem('WORKSPACE_UNAVAILABLE', code, PROVIDER_CODES[code].text, reference),
    providerCode: code,
    providerRequestId: requestId,
  };
}

/** @param words whose remedy and effect are given: the code itself, or the provider code behind it. */
function problem(code: RequestCode, words: Code, detail: string | null, reference: string): Problem {
  const { status, text } = REQUEST_CODES[code];
  const { remedy, effect } = describeCode(words);
  return {
    type: `urn:smsk:problem:${code}`,
    title: text,
    status,
    code,
    text,
    effect: EFFECT_TEXT[effect],
    remedy,
    ...(detail === null ? {} : { detail }),
    reference,
  };
}
