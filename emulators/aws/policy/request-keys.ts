import { type Caller, principalArn, userId } from '../model/caller';
import type { ConditionKeys } from './conditions';

/**
 * Global condition keys:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * `own` answers the service's keys and is asked first.
 */
export interface RequestFacts {
  readonly caller: Caller;
  readonly region: string;
  readonly sourceIp: string;
  readonly userAgent: string;
  readonly nowMs: number;
  readonly resourceAccount: string;
}

export function requestKeys(facts: RequestFacts, own: ConditionKeys): ConditionKeys {
  return (key) => own(key) ?? globalKey(facts, key);
}

function globalKey(facts: RequestFacts, key: string): readonly string[] | undefined {
  const { caller } = facts;
  switch (key) {
    case 'aws:principalarn':
      return [principalArn(caller)];
    case 'aws:principalaccount':
      return [caller.account];
    case 'aws:principaltype':
      return [caller.kind === 'user' ? 'User' : 'AssumedRole'];
    case 'aws:userid':
      return [userId(caller)];
    case 'aws:username':
      return caller.kind === 'user' ? [caller.user.name] : undefined;
    case 'aws:tokenissuetime':
      return caller.kind === 'session' ? [new Date(caller.session.issuedAt).toISOString()] : undefined;
    case 'aws:sourceip':
      return [facts.sourceIp];
    case 'aws:useragent':
      return [facts.userAgent];
    case 'aws:currenttime':
      return [new Date(facts.nowMs).toISOString()];
    case 'aws:epochtime':
      return [String(Math.floor(facts.nowMs / 1000))];
    case 'aws:requestedregion':
      return [facts.region];
    case 'aws:resourceaccount':
      return [facts.resourceAccount];
    // The emulator's own door is plain HTTP on the loopback interface; AWS's is TLS, and policies are written for that.
    case 'aws:securetransport':
      return ['true'];
    case 'aws:viaawsservice':
      return ['false'];
    default:
      return undefined;
  }
}
