import type { Answer } from '../../loopback/wire';
import type { AwsError } from './aws-error';
import type { Protocol } from './protocol';
import { escapeXml } from './query';

/** An error in the shape of its protocol: awsJson 1.1 (`__type`), awsQuery (`ErrorResponse`), or S3's restXml (`Error`). */
export function errorAnswer(protocol: Protocol, error: AwsError, requestId: string): Answer {
  switch (protocol) {
    case 'json':
      return {
        status: error.status,
        errorCode: error.code,
        headers: { ...jsonHeaders(requestId), 'x-amzn-errortype': error.code },
        body: JSON.stringify(
          // KMS sends no message at all with these two, and SDKs then report an empty one.
          error.message === '' ? { __type: error.code } : { __type: error.code, message: error.message },
        ),
      };
    case 'query': {
      const sender = error.status < 500 ? 'Sender' : 'Receiver';
      return {
        status: error.status,
        errorCode: error.code,
        headers: queryHeaders(requestId),
        body:
          `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n    <Type>${sender}</Type>\n` +
          `    <Code>${escapeXml(error.code)}</Code>\n    <Message>${escapeXml(error.message)}</Message>\n  </Error>\n` +
          `  <RequestId>${escapeXml(requestId)}</RequestId>\n</ErrorResponse>\n`,
      };
    }
    case 'xml':
      return {
        status: error.status,
        errorCode: error.code,
        headers: xmlHeaders(requestId),
        body:
          `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code>` +
          `<Message>${escapeXml(error.message)}</Message><RequestId>${escapeXml(requestId)}</RequestId></Error>`,
      };
    default: {
      const never: never = protocol;
      throw new Error(`unknown protocol ${String(never)}`);
    }
  }
}

export function jsonHeaders(requestId: string): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId };
}

export function queryHeaders(requestId: string): Record<string, string> {
  return { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
}

export function xmlHeaders(requestId: string): Record<string, string> {
  return { 'content-type': 'application/xml', 'x-amz-request-id': requestId };
}
