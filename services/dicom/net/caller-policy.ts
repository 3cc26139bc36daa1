import { type Access, mayUse, type Refused } from '../../domain/peer-access.ts';
import type { DeadlineLimits } from './deadlines.ts';
import type { NegotiationPolicy } from './negotiate.ts';

/** The policy of negotiation narrowed to what one caller may do; without a word on the caller it stays as it is. */
export function policyFor(policy: NegotiationPolicy, access: Access | Refused | undefined): NegotiationPolicy {
  if (access === undefined) return policy;
  if ('refused' in access) return { ...policy, isKnown: false };
  return {
    ...policy,
    AETitle: access.calledAETitle,
    isAllowed: (_callingAETitle, service, SOPClassUID) => mayUse(access, service, SOPClassUID),
  };
}

/** The deadlines of all, but for what the entry of the caller says. */
export function limitsFor(limits: DeadlineLimits, access: Access | undefined): DeadlineLimits {
  const { idleSeconds, minimumBytesPerSecond } = access?.limits ?? {};
  return {
    ...limits,
    ...(idleSeconds !== undefined && { idleSeconds }),
    ...(minimumBytesPerSecond !== undefined && { paceBytesPerSecond: minimumBytesPerSecond }),
  };
}
