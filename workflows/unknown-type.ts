import { refusalFailure, refused } from './failures';

/** Any other name: without it a run of an unknown type would wait for ever, its input stored and never looked at. */
export async function unknownType(): Promise<never> {
  throw refusalFailure(refused('INPUT_INVALID', 'workflow type: there is none of that name'));
}
